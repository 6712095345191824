//! The products of a CSAF document, and what they are made of (section 3.2.2, "Product Tree").

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::content::ContentError;
use crate::vex::CODE;
use crate::vex::limits::{MAX_PRODUCTS, MAX_RELATIONSHIP_DEPTH};
use crate::vex::product::{Identifiers, Product};

#[derive(Deserialize)]
pub(super) struct ProductTree {
    branches: Option<Vec<Branch>>,
    full_product_names: Option<Vec<FullProductName>>,
    relationships: Option<Vec<Relationship>>,
    product_groups: Option<Vec<ProductGroup>>,
}

#[derive(Deserialize)]
struct Branch {
    category: Option<String>,
    name: Option<String>,
    product: Option<FullProductName>,
    branches: Option<Vec<Branch>>,
}

#[derive(Deserialize)]
struct FullProductName {
    product_id: String,
    #[serde(rename = "product_identification_helper")]
    helper: Option<Helper>,
}

#[derive(Deserialize)]
struct Helper {
    purl: Option<String>,
    /// Since 2.1 there can be several.
    purls: Option<Vec<String>>,
    cpe: Option<String>,
    hashes: Option<Vec<Hashes>>,
}

#[derive(Deserialize)]
struct Hashes {
    file_hashes: Vec<FileHash>,
}

#[derive(Deserialize)]
struct FileHash {
    algorithm: String,
    value: String,
}

#[derive(Deserialize)]
struct Relationship {
    product_reference: String,
    relates_to_product_reference: String,
    full_product_name: FullProductName,
}

#[derive(Deserialize)]
struct ProductGroup {
    group_id: String,
    product_ids: Vec<String>,
}

/// Products by their identifiers.
#[derive(Default)]
pub(super) struct Tree {
    products: BTreeMap<String, Node>,
    groups: BTreeMap<String, Vec<String>>,
    /// Members of groups that were looked at: a short name can stand for a long list, again and again.
    looked_at: Cell<usize>,
}

struct Node {
    identifiers: Arc<Identifiers>,
    /// The component, and the product that it is in.
    relation: Option<(String, String)>,
}

impl Tree {
    pub(super) fn build(tree: ProductTree) -> Result<Self, ContentError> {
        let mut built = Self::default();
        let mut open: Vec<Branch> = tree.branches.unwrap_or_default();
        while let Some(branch) = open.pop() {
            open.extend(branch.branches.unwrap_or_default());
            if let Some(product) = branch.product {
                let name = branch.name.as_deref().unwrap_or_default();
                let identifiers = identifiers(&product, branch.category.as_deref(), name);
                built.add(product.product_id, identifiers, None)?;
            }
        }
        for product in tree.full_product_names.into_iter().flatten() {
            let identifiers = identifiers(&product, None, "");
            built.add(product.product_id, identifiers, None)?;
        }
        for relationship in tree.relationships.into_iter().flatten() {
            let identifiers = identifiers(&relationship.full_product_name, None, "");
            let relation = (
                relationship.product_reference,
                relationship.relates_to_product_reference,
            );
            let id = relationship.full_product_name.product_id;
            built.add(id, identifiers, Some(relation))?;
        }
        for group in tree.product_groups.into_iter().flatten() {
            built
                .groups
                .entry(group.group_id)
                .or_default()
                .extend(group.product_ids);
        }
        Ok(built)
    }

    fn add(
        &mut self,
        id: String,
        identifiers: Identifiers,
        relation: Option<(String, String)>,
    ) -> Result<(), ContentError> {
        ContentError::unless_full(
            || "/product_tree".to_owned(),
            "products",
            MAX_PRODUCTS,
            self.products.len(),
        )?;
        // Section 6.1.2: a product that is defined twice is neither.
        if self.products.contains_key(&id) {
            let found = format!("`{id}` twice");
            return Err(ContentError::new(
                CODE,
                "/product_tree",
                "each product once",
                found,
            ));
        }
        let identifiers = Arc::new(identifiers);
        self.products.insert(
            id,
            Node {
                identifiers,
                relation,
            },
        );
        Ok(())
    }

    /// The product behind an identifier. One that is not defined matches nothing, which is all that
    /// section 6.1.1 asks it for.
    pub(super) fn product(&self, id: &str) -> Product {
        let Some(node) = self.products.get(id) else {
            return Product {
                identifiers: Arc::new(Identifiers::of(id)),
                subcomponents: Vec::new(),
            };
        };
        let Some((component, outer)) = &node.relation else {
            return Product {
                identifiers: Arc::clone(&node.identifiers),
                subcomponents: Vec::new(),
            };
        };
        let mut subcomponents = vec![self.own(component)];
        // The relationship's own name is one more name of the component where it stands.
        let own = &node.identifiers;
        if !own.purls.is_empty() || !own.hashes.is_empty() {
            subcomponents.push(Arc::clone(own));
        }
        Product {
            identifiers: self.outermost(outer),
            subcomponents,
        }
    }

    /// The identifiers of a component: where it is a relationship itself, those of its component.
    fn own(&self, id: &str) -> Arc<Identifiers> {
        self.follow(id, |(component, _)| component)
    }

    /// The identifiers of the product that holds everything.
    fn outermost(&self, id: &str) -> Arc<Identifiers> {
        self.follow(id, |(_, outer)| outer)
    }

    fn follow<'a>(
        &'a self,
        id: &'a str,
        next: impl Fn(&'a (String, String)) -> &'a String,
    ) -> Arc<Identifiers> {
        let mut id = id;
        for _ in 0..MAX_RELATIONSHIP_DEPTH {
            let Some(node) = self.products.get(id) else {
                break;
            };
            match &node.relation {
                Some(relation) => id = next(relation),
                None => return Arc::clone(&node.identifiers),
            }
        }
        Arc::new(Identifiers::of(id))
    }

    /// The products that are listed, by themselves or in groups.
    pub(super) fn members<'a>(
        &'a self,
        products: &'a [String],
        groups: &'a [String],
    ) -> Result<Vec<&'a str>, ContentError> {
        let grouped = groups.iter().filter_map(|group| self.groups.get(group));
        let members: usize = grouped
            .clone()
            .map(Vec::len)
            .fold(products.len(), usize::saturating_add);
        let looked_at = self.looked_at.get().saturating_add(members);
        self.looked_at.set(looked_at);
        if looked_at > MAX_PRODUCTS {
            let what = "members of product groups";
            return Err(ContentError::limit(
                "/vulnerabilities",
                what,
                MAX_PRODUCTS,
                looked_at,
            ));
        }
        Ok(products
            .iter()
            .chain(grouped.flatten())
            .map(String::as_str)
            .collect())
    }
}

fn identifiers(product: &FullProductName, category: Option<&str>, name: &str) -> Identifiers {
    let mut found = Identifiers::of(&product.product_id);
    let Some(helper) = &product.helper else {
        return found;
    };
    let purls = helper.purl.iter().chain(helper.purls.iter().flatten());
    for text in purls.chain(&helper.cpe) {
        found.add(text);
    }
    for hash in helper
        .hashes
        .iter()
        .flatten()
        .flat_map(|hashes| &hashes.file_hashes)
    {
        found.add_hash(&hash.algorithm, &hash.value);
    }
    // Section 3.1.2.2: the branch says which versions are meant, the package URL need not.
    match category {
        Some("product_version_range") => found.ranges.push(name.into()),
        Some("product_version") if !found.purls.iter().any(|purl| has_version(purl)) => {
            found.versions.push(name.into());
        }
        _ => {}
    }
    found
}

fn has_version(purl: &str) -> bool {
    let path = purl.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().contains('@')
}
