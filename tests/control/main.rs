//! EC2 Query API.
