"""TeX: from characters to tokens in the order of what is printed."""
