//! License expressions: no text panics, and what is allowed by a list is not denied by another.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sovverify::package::{LicenseExpression, LicenseSet};

static ALLOWED: LazyLock<LicenseSet> =
    LazyLock::new(|| LicenseSet::parse(&["MIT", "Apache-2.0"]).expect("licenses"));
static DENIED: LazyLock<LicenseSet> =
    LazyLock::new(|| LicenseSet::parse(&["GPL-2.0-or-later", "LicenseRef-x"]).expect("licenses"));

fuzz_target!(|text: &str| {
    let Ok(expression) = LicenseExpression::parse(text) else {
        return;
    };
    assert!(!expression.allowed_by(&ALLOWED) || expression.denied_by(&DENIED).is_none());
});
