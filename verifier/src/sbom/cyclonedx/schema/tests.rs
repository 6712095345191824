//! The tables are whole, and each rule has an honest twin.

mod rules;
mod tables;
