//! A real control plane for tests: from a folder of the developer's, or built.

use std::env;
use std::path::{Path, PathBuf};

use super::{KUBERNETES, system};
use crate::context::Context;
use crate::steps::Stop;

/// The variable by which the test tools of controllers know a folder with a control plane.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// Each program, and the variable that tells tests where it is.
const PROGRAMS: [(&str, &str); 4] = [
    ("etcd", "SOVVERIFY_ETCD"),
    ("kube-apiserver", KUBERNETES.variable),
    (
        "kube-controller-manager",
        "SOVVERIFY_KUBE_CONTROLLER_MANAGER",
    ),
    ("kubectl", "SOVVERIFY_KUBECTL"),
];

/// What tests have to know: variables, and where each program is.
pub(crate) fn control_plane(context: &Context) -> Result<Vec<(&'static str, PathBuf)>, Stop> {
    if let Some(folder) = env::var_os(ASSETS).filter(|folder| !folder.is_empty()) {
        return given(Path::new(&folder));
    }
    let etcd = system(context, "etcd")?;
    let api_server = KUBERNETES.prepare(context)?;
    let place = |name| match name {
        "etcd" => etcd.clone(),
        name => api_server.with_file_name(name),
    };
    let programs = PROGRAMS.map(|(name, variable)| (variable, place(name)));
    Ok(programs.into())
}

/// The programs of a folder that was given: all of it or nothing, because the parts of two versions are
/// no control plane that anybody runs.
fn given(folder: &Path) -> Result<Vec<(&'static str, PathBuf)>, Stop> {
    let programs = PROGRAMS.map(|(name, variable)| (variable, folder.join(name)));
    let absent: Vec<_> = programs
        .iter()
        .filter(|(_, path)| !path.is_file())
        .map(|(_, path)| path.display().to_string())
        .collect();
    if absent.is_empty() {
        return Ok(programs.into());
    }
    Err(Stop::missing(format!(
        "expected {} in {ASSETS}, found nothing there (unset the variable, and they are built)",
        absent.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_lacks_a_part_of_the_control_plane_is_named_with_the_part() {
        let Err(Stop::Missing(reason)) = given(Path::new("/nonexistent")) else {
            panic!("expected a missing part");
        };
        for (name, _) in PROGRAMS {
            assert!(reason.contains(&format!("/nonexistent/{name}")), "{reason}");
        }
    }
}
