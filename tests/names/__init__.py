"""Names: whatever a user calls things, numbers stay right and nothing prints like another thing."""
