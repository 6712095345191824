//! What a certificate says about its holder: key, names, and every Fulcio extension.

use std::collections::BTreeMap;

use der::asn1::{Ia5StringRef, Utf8StringRef};
use der::{Decode, Encode};
use jiff::Timestamp;
use sigstore_types::DerCertificate;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::ObjectIdentifier;

use super::Presented;
use crate::claim::{AlternativeName, CertificateIdentity, FulcioExtension};
use crate::code::Code;
use crate::digest::Digest;
use crate::trust::PublicKey;
use crate::trust::algorithm::Link;
use crate::verify::rejected::{Checked, Rejected};

/// Fulcio's arc (fulcio `docs/oid-info.md`).
const FULCIO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1");
/// Fulcio's otherName: a user name that is neither e-mail nor URI.
const FULCIO_USERNAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7");
/// Extensions up to this number hold bare text, later ones a DER `UTF8String`.
const LAST_BARE: u8 = 6;

pub(super) fn read(leaf: &DerCertificate) -> Checked<Presented> {
    let malformed =
        |detail: String| Rejected::new(Code::CertificateMalformed, "an X.509 certificate", detail);
    let certificate =
        Certificate::from_der(leaf.as_bytes()).map_err(|error| malformed(error.to_string()))?;
    let tbs = &certificate.tbs_certificate;
    let time = |time: &x509_cert::time::Time| {
        Timestamp::try_from(time.to_system_time()).map_err(|error| malformed(error.to_string()))
    };
    let spki = tbs
        .subject_public_key_info
        .to_der()
        .map_err(|error| malformed(error.to_string()))?;
    let key = PublicKey::from_spki(&spki, None).map_err(|error| {
        Rejected::new(
            Code::KeyUnsupported,
            format!("a certificate for {}", error.expected()),
            error.found(),
        )
    })?;
    let link = Link::named("the signer's certificate".to_owned(), &certificate);
    let extensions = fulcio_extensions(&certificate).map_err(malformed)?;
    let issuer = extensions
        .get(&FulcioExtension::Issuer)
        .or_else(|| extensions.get(&FulcioExtension::IssuerV1));
    let identity = CertificateIdentity {
        issuer: issuer.cloned(),
        alternative_names: alternative_names(&certificate).map_err(malformed)?,
        subject: tbs.subject.to_string(),
        not_before: time(&tbs.validity.not_before)?,
        not_after: time(&tbs.validity.not_after)?,
        fingerprint: Digest::sha256(leaf.as_bytes()),
        extensions,
    };
    Ok(Presented {
        identity,
        key,
        link,
    })
}

fn fulcio_extensions(
    certificate: &Certificate,
) -> Result<BTreeMap<FulcioExtension, String>, String> {
    let mut found = BTreeMap::new();
    for extension in certificate.tbs_certificate.extensions.iter().flatten() {
        let Some(known) = known(extension.extn_id) else {
            continue;
        };
        let bytes = extension.extn_value.as_bytes();
        let text = if known.number() <= LAST_BARE {
            String::from_utf8(bytes.to_vec())
                .map_err(|_| format!("{} is not UTF-8", known.name()))?
        } else {
            Utf8StringRef::from_der(bytes)
                .map_err(|error| format!("{}: {error}", known.name()))?
                .as_str()
                .to_owned()
        };
        if found.insert(known, text).is_some() {
            return Err(format!("{} occurs twice", known.name()));
        }
    }
    Ok(found)
}

/// An extension of the arc. Its last number stands in one byte, as all of them are below 128 (X.690,
/// section 8.19).
fn known(oid: ObjectIdentifier) -> Option<FulcioExtension> {
    let [number] = oid.as_bytes().strip_prefix(FULCIO.as_bytes())? else {
        return None;
    };
    let mut all = FulcioExtension::ALL.iter().copied();
    all.find(|extension| extension.number() == *number)
}

fn alternative_names(certificate: &Certificate) -> Result<Vec<AlternativeName>, String> {
    let names = certificate
        .tbs_certificate
        .get::<SubjectAltName>()
        .map_err(|error| error.to_string())?;
    let Some((_, names)) = names else {
        return Ok(Vec::new());
    };
    let mut read = Vec::with_capacity(names.0.len());
    for name in &names.0 {
        match name {
            GeneralName::Rfc822Name(email) => read.push(AlternativeName::Email(ia5(email))),
            GeneralName::UniformResourceIdentifier(uri) => {
                read.push(AlternativeName::Uri(ia5(uri)));
            }
            GeneralName::DnsName(dns) => read.push(AlternativeName::Dns(ia5(dns))),
            GeneralName::OtherName(other) if other.type_id == FULCIO_USERNAME => {
                let text = other
                    .value
                    .decode_as::<Utf8StringRef<'_>>()
                    .map_err(|error| error.to_string())?;
                read.push(AlternativeName::OtherName(text.as_str().to_owned()));
            }
            // A name of another type is never matched, so it need not be read.
            _ => {}
        }
    }
    Ok(read)
}

fn ia5(text: &der::asn1::Ia5String) -> String {
    Ia5StringRef::new(text.as_bytes())
        .map(|text| text.as_str().to_owned())
        .unwrap_or_default()
}
