//! Fulcio certificate extensions by name (fulcio `docs/oid-info.md`, arc 1.3.6.1.4.1.57264.1).

macro_rules! extensions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $number:literal, $name:literal;)+) => {
        /// A claim about the signer that Fulcio writes into the certificate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FulcioExtension { $($(#[doc = $doc])+ $variant,)+ }

        impl FulcioExtension {
            /// Every extension, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The last component of the object identifier.
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// The name under which policies and reports know it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The extension with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|extension| extension.name() == name)
            }
        }
    };
}

extensions! {
    /// OIDC issuer, deprecated raw form.
    IssuerV1 = 1, "issuerV1";
    /// GitHub: the event that triggered the workflow (deprecated).
    GithubWorkflowTrigger = 2, "githubWorkflowTrigger";
    /// GitHub: the commit of the workflow (deprecated).
    GithubWorkflowSha = 3, "githubWorkflowSha";
    /// GitHub: the name of the workflow (deprecated).
    GithubWorkflowName = 4, "githubWorkflowName";
    /// GitHub: the repository of the workflow (deprecated).
    GithubWorkflowRepository = 5, "githubWorkflowRepository";
    /// GitHub: the ref of the workflow (deprecated).
    GithubWorkflowRef = 6, "githubWorkflowRef";
    /// OIDC issuer.
    Issuer = 8, "issuer";
    /// Reference to the build instructions that are responsible for signing.
    BuildSignerUri = 9, "buildSigner";
    /// Digest of the build instructions that are responsible for signing.
    BuildSignerDigest = 10, "buildSignerDigest";
    /// Whether the build ran on platform-hosted or self-hosted infrastructure.
    RunnerEnvironment = 11, "runnerEnvironment";
    /// The source repository that the build was based on.
    SourceRepository = 12, "sourceRepository";
    /// The commit of the source.
    SourceRepositoryDigest = 13, "sourceRepositoryDigest";
    /// The ref of the source.
    SourceRepositoryRef = 14, "sourceRepositoryRef";
    /// The immutable identifier of the source repository.
    SourceRepositoryIdentifier = 15, "sourceRepositoryIdentifier";
    /// The owner of the source repository.
    SourceRepositoryOwner = 16, "sourceRepositoryOwner";
    /// The immutable identifier of the owner.
    SourceRepositoryOwnerIdentifier = 17, "sourceRepositoryOwnerIdentifier";
    /// The top-level build instructions.
    BuildConfig = 18, "buildConfig";
    /// Digest of the top-level build instructions.
    BuildConfigDigest = 19, "buildConfigDigest";
    /// The event that triggered the build.
    BuildTrigger = 20, "buildTrigger";
    /// The run that made the signature.
    RunInvocation = 21, "runInvocation";
    /// Whether the source was public or private when it was signed.
    SourceRepositoryVisibility = 22, "sourceRepositoryVisibility";
    /// The deployment environment of the build.
    DeploymentEnvironment = 23, "deploymentEnvironment";
    /// The subject of the identity token.
    TokenSubject = 24, "tokenSubject";
}
