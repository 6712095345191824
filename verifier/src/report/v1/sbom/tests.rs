use super::*;

#[test]
fn what_a_document_says_of_itself_is_repeated_within_bounds() {
    let with = |more: usize| {
        let long: Box<str> = "é".repeat(MAX_REPEATED + more).into();
        let author = Party {
            name: Some(long.clone()),
            ..Party::default()
        };
        document(&Sbom {
            name: Some(long.clone()),
            authors: vec![author; MAX_NAMED + more],
            tools: vec![long; MAX_NAMED + more],
            ..Sbom::default()
        })
    };
    for told in [with(0), with(1)] {
        let (authors, tools) = (told.authors, told.tools);
        assert_eq!((authors.len(), tools.len()), (MAX_NAMED, MAX_NAMED));
        for text in authors.iter().chain(&tools).chain(&told.name) {
            assert_eq!(text.chars().count(), MAX_REPEATED);
        }
    }
}
