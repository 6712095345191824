//! The command line of sovverify.

fn main() {}
