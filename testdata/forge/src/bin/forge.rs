//! (Re)writes the committed evidence.
fn main() {}
