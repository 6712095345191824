//! Any JSON as an object of any kind that we know: its images, or an error; never a panic, never beyond
//! the bounds, the same twice, and every image where its pointer says.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::workload::{
    GroupKind, Json, MAX_IMAGES, MAX_PLACE, MAX_REFERENCE, MAX_UNKNOWN, Preset, WorkloadFields,
};

static FIELDS: LazyLock<WorkloadFields> = LazyLock::new(|| WorkloadFields::with(Preset::ALL, &[]));

fuzz_target!(|text: &str| {
    let Ok(mut object) = serde_json::from_str::<Value>(text) else {
        return;
    };
    // The kind is said again for each table.
    if let Value::Object(members) = &mut object {
        members.remove("kind");
        members.remove("apiVersion");
    }
    let kinds: Vec<GroupKind> = FIELDS.kinds().cloned().collect();
    for kind in kinds {
        let found = FIELDS.extract(&kind, &Json::from(&object));
        assert_eq!(found, FIELDS.extract(&kind, &Json::from(&object)));
        let Ok(workload) = found else {
            continue;
        };
        let workload = workload.expect("a kind that is known");
        assert!(workload.images.len() + workload.deferred.len() <= MAX_IMAGES);
        assert!(workload.unknown.len() <= MAX_UNKNOWN);
        for image in workload.images {
            assert!(!image.reference.trim().is_empty());
            assert!(image.reference.len() <= MAX_REFERENCE && image.path.len() <= MAX_PLACE);
            if let Some(pointer) = image.pointer {
                let there = object.pointer(&pointer).and_then(Value::as_str);
                assert_eq!(there, Some(image.reference.as_str()));
            }
        }
    }
});
