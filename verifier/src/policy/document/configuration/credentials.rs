//! `credentials` of a `Configuration`: where credentials for registries come from.

use crate::policy::decode::{List, Spanned, document, words};

document! {
    /// Where credentials come from, strongest first.
    struct Credentials {
        /// Tokens of the workload that the platform writes into files and replaces from time to time.
        optional tokens: List<Spanned<TokenEntry>> = "tokens",
        /// Files in the format of docker's `config.json`, relative to this document; they must exist.
        optional files: List<Spanned<String>> = "files",
        /// Directories in which credential helpers are looked up; none are run where nothing is written,
        /// and never by the webhook.
        optional helper_directories: List<Spanned<String>> = "helperDirectories",
    }
}

document! {
    /// A token of the workload, and what a registry takes it for.
    struct TokenEntry {
        /// The registry, or a registry with the beginning of a repository path.
        required registry: Spanned<String> = "registry",
        /// The file, relative to this document; it is read again when it changes.
        required file: Spanned<String> = "tokenFile",
        /// The user name that goes with a token that is a password.
        optional username: Spanned<String> = "username",
        /// What the token is; `password` where nothing is written.
        optional kind: Spanned<TokenKind> = "as",
        /// The token is exchanged at Microsoft Entra and at an Azure container registry.
        optional azure: Spanned<Azure> = "azure",
        /// The token is exchanged at AWS STS and at Amazon ECR.
        optional aws: Spanned<Aws> = "aws",
    }
}

words! {
    /// What a token is to a registry.
    enum TokenKind {
        /// The password of a user.
        Password = "password",
        /// A refresh token, for the registry's token service.
        IdentityToken = "identityToken",
        /// An access token, for the registry itself.
        RegistryToken = "registryToken",
    }
}

document! {
    /// A federated identity of Microsoft Entra.
    struct Azure {
        /// The directory (tenant) of the identity.
        required tenant: Spanned<String> = "tenant",
        /// The identity's client id.
        required client: Spanned<String> = "client",
        /// Where Entra is; `https://login.microsoftonline.com` where nothing is written.
        optional authority: Spanned<String> = "authority",
        /// For whom its token is; `https://containerregistry.azure.net` where nothing is written.
        optional audience: Spanned<String> = "audience",
    }
}

document! {
    /// A role of AWS.
    struct Aws {
        /// The ARN of the role that the workload assumes.
        required role: Spanned<String> = "role",
        /// The region of the registry.
        required region: Spanned<String> = "region",
        /// Where STS is; `https://sts.REGION.amazonaws.com` where nothing is written.
        optional sts: Spanned<String> = "sts",
        /// Where the API of ECR is; `https://api.ecr.REGION.amazonaws.com` where nothing is written.
        optional ecr: Spanned<String> = "ecr",
    }
}
