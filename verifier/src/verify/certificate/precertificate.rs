//! What a certificate transparency log signs: the certificate without its list of SCTs (RFC 6962,
//! section 3.2, `PreCert`). The list is cut out of the bytes as they are; nothing else is written anew
//! but the lengths around it.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, ErrorKind, Length, Reader, Result, SliceReader, Tag, TagNumber, Tagged};

/// `SignedCertificateTimestampList` (section 3.3).
const SCT_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");
/// `extensions` of a `TBSCertificate` (RFC 5280, section 4.1).
const EXTENSIONS: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber::N3,
};

/// A certificate, taken apart at its lists of SCTs.
pub(super) struct Precertificate<'a> {
    /// `TBSCertificate` without them, DER.
    pub(super) tbs: Vec<u8>,
    /// The values of these extensions, each an `OCTET STRING`, DER. A good certificate has one.
    pub(super) lists: Vec<&'a [u8]>,
}

impl<'a> Precertificate<'a> {
    /// Takes the certificate `leaf` (DER) apart.
    ///
    /// # Errors
    ///
    /// That of the first byte that is not as DER has it.
    pub(super) fn of(leaf: &'a [u8]) -> Result<Self> {
        let mut inside = SliceReader::new(AnyRef::from_der(leaf)?.value())?;
        let certificate = inside.tlv_bytes()?;
        let mut fields = SliceReader::new(AnyRef::from_der(certificate)?.value())?;
        let mut lists = Vec::new();
        let mut kept = Vec::with_capacity(certificate.len());
        while !fields.is_finished() {
            let field = fields.tlv_bytes()?;
            let read = AnyRef::from_der(field)?;
            if read.tag() == EXTENSIONS {
                let rest = without_lists(read.value(), &mut lists)?;
                // `Extensions` has one at least, or is not there.
                if !rest.is_empty() {
                    kept.extend(wrapped(EXTENSIONS, &wrapped(Tag::Sequence, &rest)?)?);
                }
            } else {
                kept.extend_from_slice(field);
            }
        }
        let tbs = wrapped(Tag::Sequence, &kept)?;
        Ok(Self { tbs, lists })
    }
}

/// The extensions of `value` that are no list of SCTs, one after the other.
fn without_lists<'a>(value: &'a [u8], lists: &mut Vec<&'a [u8]>) -> Result<Vec<u8>> {
    let mut extensions = SliceReader::new(AnyRef::from_der(value)?.value())?;
    let mut kept = Vec::with_capacity(value.len());
    while !extensions.is_finished() {
        let extension = extensions.tlv_bytes()?;
        let mut parts = SliceReader::new(AnyRef::from_der(extension)?.value())?;
        if ObjectIdentifier::decode(&mut parts)? != SCT_LIST {
            kept.extend_from_slice(extension);
            continue;
        }
        let mut value = AnyRef::decode(&mut parts)?;
        if value.tag() == Tag::Boolean {
            value = AnyRef::decode(&mut parts)?; // `critical` stood before it
        }
        if value.tag() != Tag::OctetString || !parts.is_finished() {
            return Err(ErrorKind::Value { tag: Tag::Sequence }.at(Length::ZERO));
        }
        lists.push(value.value());
    }
    Ok(kept)
}

/// `value` behind its tag and length.
fn wrapped(tag: Tag, value: &[u8]) -> Result<Vec<u8>> {
    AnyRef::new(tag, value)?.to_der()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");

    fn sequence(parts: &[&[u8]]) -> Vec<u8> {
        wrapped(Tag::Sequence, &parts.concat()).unwrap()
    }

    fn extension(name: ObjectIdentifier, between: &[u8], value: &[u8]) -> Vec<u8> {
        let value = wrapped(Tag::OctetString, value).unwrap();
        sequence(&[&name.to_der().unwrap(), between, &value])
    }

    /// A serial number and extensions, where there are any; the rest is not looked at.
    fn tbs(extensions: &[&[u8]]) -> Vec<u8> {
        let serial = [0x02, 0x01, 0x07];
        if extensions.is_empty() {
            return sequence(&[&serial]);
        }
        let extensions = wrapped(EXTENSIONS, &sequence(extensions)).unwrap();
        sequence(&[&serial, &extensions])
    }

    fn certificate(extensions: &[&[u8]]) -> Vec<u8> {
        sequence(&[&tbs(extensions), &sequence(&[]), &[0x03, 0x01, 0x00]])
    }

    #[test]
    fn the_list_is_cut_out_wherever_it_stands_and_nothing_else_is_touched() {
        let long = extension(OTHER, &[], &[9; 300]);
        let critical = extension(OTHER, &[0x01, 0x01, 0xff], b"critical");
        let list = extension(SCT_LIST, &[], b"promises");
        for (before, after) in [
            (
                vec![&list[..], &long, &critical],
                vec![&long[..], &critical],
            ),
            (vec![&long, &list, &critical], vec![&long, &critical]),
            (vec![&long, &critical, &list], vec![&long, &critical]),
            (vec![&list], vec![]),
            (vec![&long], vec![&long]),
            (vec![], vec![]),
        ] {
            let whole = certificate(&before);
            let cut = Precertificate::of(&whole).unwrap();
            assert_eq!(cut.tbs, tbs(&after));
            let expected: &[&[u8]] = if before.contains(&&list[..]) {
                &[b"promises"]
            } else {
                &[]
            };
            assert_eq!(cut.lists, expected);
        }
    }

    #[test]
    fn every_list_is_cut_out_and_counted_also_a_critical_one() {
        let one = extension(SCT_LIST, &[], b"one");
        let two = extension(SCT_LIST, &[0x01, 0x01, 0xff], b"two");
        let whole = certificate(&[&one, &two]);
        let cut = Precertificate::of(&whole).unwrap();
        assert_eq!(cut.tbs, tbs(&[]));
        assert_eq!(cut.lists, [b"one", b"two"]);
    }

    #[test]
    fn a_list_that_is_no_octet_string_or_has_more_behind_it_is_refused() {
        let name = SCT_LIST.to_der().unwrap();
        let value = wrapped(Tag::OctetString, b"list").unwrap();
        assert!(Precertificate::of(&certificate(&[&sequence(&[&name, &value])])).is_ok());
        for wrong in [
            sequence(&[&name]),
            sequence(&[&name, &[0x0c, 0x01, b'a']]),
            sequence(&[&name, &[0x01, 0x01, 0xff]]),
            sequence(&[&name, &value, &value]),
        ] {
            assert!(Precertificate::of(&certificate(&[&wrong])).is_err());
        }
    }

    #[test]
    fn what_is_cut_is_what_a_library_writes_anew() {
        use sovverify_forge::{Forge, SIGNING_TIME, at, days};
        let time = at(SIGNING_TIME);
        let bundle = Forge::new(days(time, -30))
            .keyless(time)
            .message(b"artifact");
        let leaf = &bundle.leaf().unwrap().der;
        let mut read = x509_cert::Certificate::from_der(leaf)
            .unwrap()
            .tbs_certificate;
        let extensions = read.extensions.as_mut().unwrap();
        extensions.retain(|extension| extension.extn_id != SCT_LIST);
        let cut = Precertificate::of(leaf).unwrap();
        assert_eq!(cut.tbs, read.to_der().unwrap());
        assert_eq!(cut.lists.len(), 1);
    }
}
