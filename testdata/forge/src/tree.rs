//! A Merkle tree as transparency logs keep it (RFC 6962, section 2.1).

use crate::encoding::sha256;

/// The leaves of a log, by hash.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    leaves: Vec<[u8; 32]>,
}

impl Tree {
    /// Appends an entry and returns its index.
    pub fn append(&mut self, entry: &[u8]) -> u64 {
        self.leaves.push(leaf_hash(entry));
        self.size() - 1
    }

    /// The number of entries.
    pub fn size(&self) -> u64 {
        u64::try_from(self.leaves.len()).unwrap()
    }

    /// The root hash.
    pub fn root(&self) -> [u8; 32] {
        root(&self.leaves)
    }

    /// The audit path of the entry at `index` (RFC 6962, section 2.1.1).
    pub fn proof(&self, index: u64) -> Vec<[u8; 32]> {
        path(usize::try_from(index).unwrap(), &self.leaves)
    }
}

fn leaf_hash(entry: &[u8]) -> [u8; 32] {
    sha256(&[&[0], entry].concat())
}

fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sha256(&[&[1], &left[..], &right[..]].concat())
}

/// The largest power of two below `count`.
const fn split(count: usize) -> usize {
    let mut at = 1;
    while at * 2 < count {
        at *= 2;
    }
    at
}

fn root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

fn path(index: usize, leaves: &[[u8; 32]]) -> Vec<[u8; 32]> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (mut out, sibling) = if index < at {
        (path(index, left), root(right))
    } else {
        (path(index - at, right), root(left))
    };
    out.push(sibling);
    out
}
