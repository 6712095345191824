//! License expressions: no text panics, and what is allowed by a list is not denied by another.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sovverify::package::{LicenseExpression, LicenseSet};

fuzz_target!(|text: &str| {
    let Ok(expression) = LicenseExpression::parse(text) else {
        return;
    };
    let allowed = LicenseSet::parse(&["MIT", "Apache-2.0"]).expect("licenses");
    let denied = LicenseSet::parse(&["GPL-2.0-or-later", "LicenseRef-x"]).expect("licenses");
    assert!(!expression.allowed_by(&allowed) || expression.denied_by(&denied).is_none());
});
