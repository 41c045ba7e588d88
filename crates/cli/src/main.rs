//! The `adflux` command.
fn main() {}
