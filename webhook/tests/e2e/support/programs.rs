//! The programs of a control plane that `cargo xtask e2e` names.

use std::path::PathBuf;

use sovverify_testbed::kit::{Missing, or_skip, tool};

/// Where each program is.
pub(crate) struct Programs {
    pub(crate) etcd: PathBuf,
    pub(crate) api_server: PathBuf,
    pub(crate) controller_manager: PathBuf,
    pub(crate) kubectl: PathBuf,
}

impl Programs {
    /// The programs, or `None` with the reason printed; with `CI=true` a missing one is a failure.
    pub(crate) fn find() -> Option<Self> {
        or_skip(Self::locate())
    }

    fn locate() -> Result<Self, Missing> {
        Ok(Self {
            etcd: tool("SOVVERIFY_ETCD")?,
            api_server: tool("SOVVERIFY_KUBE_APISERVER")?,
            controller_manager: tool("SOVVERIFY_KUBE_CONTROLLER_MANAGER")?,
            kubectl: tool("SOVVERIFY_KUBECTL")?,
        })
    }
}
