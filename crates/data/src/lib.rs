//! Typed frames with column roles, read from and written to files
