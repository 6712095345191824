//! The VEX profile of CSAF (OASIS, "Common Security Advisory Framework" 2.0 and 2.1, section 4.5).

mod status;
mod tree;

use serde::Deserialize;

use super::{Builder, CODE, VexDocument, VexFormat};
use crate::content::ContentError;
use crate::json;
use crate::vulnerability::time;
use status::Vulnerability;
use tree::{ProductTree, Tree};

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "document")]
    head: Head,
    product_tree: Option<ProductTree>,
    vulnerabilities: Option<Vec<Vulnerability>>,
}

#[derive(Deserialize)]
struct Head {
    category: String,
    csaf_version: String,
    publisher: Option<Publisher>,
    tracking: Tracking,
}

#[derive(Deserialize)]
struct Publisher {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Tracking {
    id: Option<String>,
    version: Option<String>,
    current_release_date: Option<String>,
}

/// Reads a document.
pub(super) fn read(document: &[u8]) -> Result<VexDocument, ContentError> {
    let document: Document = json::read(document, CODE)?;
    let head = document.head;
    let fail = |place: &str, expected: &str, found: String| {
        Err(ContentError::new(CODE, place, expected, found))
    };
    if !matches!(head.csaf_version.as_str(), "2.0" | "2.1") {
        let found = format!("`{}`", head.csaf_version);
        return fail("/document/csaf_version", "`2.0` or `2.1`", found);
    }
    // Section 4.5: the profile is named by the category. Other advisories promise less.
    if head.category != "csaf_vex" {
        let found = format!("`{}`", head.category);
        return fail("/document/category", "`csaf_vex`", found);
    }
    let Some(tree) = document.product_tree else {
        return fail("/product_tree", "a product tree", "nothing".to_owned());
    };
    let vulnerabilities = document.vulnerabilities.unwrap_or_default();
    if vulnerabilities.is_empty() {
        return fail(
            "/vulnerabilities",
            "at least one vulnerability",
            "none".to_owned(),
        );
    }
    let released = head.tracking.current_release_date.as_deref();
    let place = || "/document/tracking/current_release_date".to_owned();
    let released = time::read(released, place, CODE)?;
    let tree = Tree::build(tree)?;
    let mut builder = Builder::default();
    for (n, vulnerability) in vulnerabilities.iter().enumerate() {
        let place = format!("/vulnerabilities/{n}");
        status::statements(vulnerability, &tree, released, &place, &mut builder)?;
    }
    Ok(VexDocument {
        format: VexFormat::Csaf,
        id: head.tracking.id.map(Box::from),
        author: head
            .publisher
            .and_then(|publisher| publisher.name)
            .map(Box::from),
        timestamp: released,
        version: head.tracking.version.map(Box::from),
        statements: builder.statements,
        unstated: 0,
    })
}
