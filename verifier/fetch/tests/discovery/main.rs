//! Discovery as its callers see it: honest places first, then one lie each.

#![expect(
    clippy::too_many_lines,
    reason = "a table of lies is long, and reads best in one piece"
)]

#[cfg(test)]
mod archives;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod content;
#[cfg(test)]
mod evil;
#[cfg(test)]
mod layouts;
#[cfg(test)]
mod realdata;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod trailing;
#[cfg(test)]
mod workload;
