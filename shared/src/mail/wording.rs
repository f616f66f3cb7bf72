//! Text that people wrote, made fit for a mail: what could forge a header, a line or the direction of what stands beside it
//! goes, and what is too long is shortened.

use unicode_segmentation::UnicodeSegmentation as _;

/// What stands for a text that shows nothing.
const BLANK: &str = "(untitled)";

/// A title or a name on one line.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .map(without_direction)
        .filter(|word| !word.is_empty())
        .collect();
    if words.iter().all(|word| word.chars().all(shows_nothing)) {
        BLANK.to_owned()
    } else {
        words.join(" ")
    }
}

/// Whether a character that is no white space leaves no trace on a page: joiners and marks of direction, which belong between
/// others, and what Unicode keeps for filling.
fn shows_nothing(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The lines of a longer text: at most `max_lines` of them, and `max` characters in all.
pub(super) fn lines(text: &str, max: usize, max_lines: usize) -> Vec<String> {
    let text: String = without_direction(&text.replace("\r\n", "\n"))
        .chars()
        .map(|c| match c {
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            '\t' => ' ',
            other => other,
        })
        .filter(|c| *c == '\n' || !c.is_control())
        .collect();
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let mut lines: Vec<_> = shorten(text, max)
        .split('\n')
        .map(|line| line.trim_end().to_owned())
        .collect();
    // Several blank lines in a row say no more than one.
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    if lines.len() > max_lines {
        lines.truncate(max_lines);
        lines.push("…".to_owned());
    }
    lines
}

/// At most `max` characters of `text`, cut between two words with `…` behind, or within a word that is very long, but never
/// within what is seen as one character.
pub(super) fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let room = max - 1;
    let end = text
        .char_indices()
        .nth(room)
        .map_or(text.len(), |(end, _)| end);
    let whole_characters = text
        .grapheme_indices(true)
        .map(|(start, _)| start)
        .take_while(|start| *start <= end)
        .last()
        .filter(|start| *start > 0)
        .unwrap_or(end);
    let mut kept = &text[..whole_characters];
    let cuts_a_word = !text[whole_characters..].starts_with(char::is_whitespace);
    if cuts_a_word && let Some(space) = kept.rfind(char::is_whitespace) {
        // A word that fills half of the room is rather shown in part than not at all.
        if kept[..space].chars().count() >= room / 2 {
            kept = &kept[..space];
        }
    }
    format!("{}…", kept.trim_end())
}

/// Without the characters that set or end a direction of writing: unbalanced ones turn round what follows them. The
/// directions of the letters themselves, and the marks that only lean on one, stay.
fn without_direction(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_visible_characters() {
        assert_eq!(
            one_line("  Light\r\nBcc: all@example.com\u{7}\tx "),
            "Light Bcc: all@example.com x"
        );
        assert_eq!(one_line("a\u{2028}b\u{85}c\u{1b}[31md"), "a b c [31md");
        assert_eq!(one_line("\u{202e}gpj.exe\u{2066} x"), "gpj.exe x");
        for blank in [
            "\u{202e}\u{7}",
            "\u{200b}",
            "\u{3164} \u{2800}",
            "\u{feff}\u{200d}",
        ] {
            assert_eq!(one_line(blank), "(untitled)", "{blank:?}");
        }
        // Hebrew with its mark, a family of one character: untouched.
        assert_eq!(
            one_line("שלום\u{200f}! 👩\u{200d}👧"),
            "שלום\u{200f}! 👩\u{200d}👧"
        );
    }

    #[test]
    fn what_is_short_stays() {
        assert_eq!(shorten("four", 4), "four");
        assert_eq!(shorten("", 4), "");
    }

    #[test]
    fn what_is_long_is_cut_between_words() {
        assert_eq!(shorten("one two three", 12), "one two…");
        assert_eq!(shorten("one two three", 8), "one two…");
        assert_eq!(shorten("one two   three", 10), "one two…");
        assert_eq!(shorten("one two\nthree", 9), "one two…");
    }

    #[test]
    fn a_very_long_word_is_cut_between_characters() {
        assert_eq!(shorten("abcdefghij", 5), "abcd…");
        assert_eq!(shorten("a bcdefghijklmnop", 10), "a bcdefgh…");
        // Each of these families is one character on the screen and three in memory.
        let families = "👩\u{200d}👧".repeat(5);
        assert_eq!(
            shorten(&families, 9),
            format!("{}…", "👩\u{200d}👧".repeat(2))
        );
        let heap_of_accents = format!("e{}", "\u{301}".repeat(50));
        assert_eq!(shorten(&heap_of_accents, 10).chars().count(), 10);
    }

    #[test]
    fn a_long_text_is_a_few_lines() {
        assert_eq!(
            lines("a\r\nb\rc\u{2028}d \n\n\n\ne", 100, 10),
            ["a", "b", "c", "d", "", "e"]
        );
        assert_eq!(lines("1\n2\n3\n4", 100, 3), ["1", "2", "3", "…"]);
        assert_eq!(
            lines("tab\there\u{1b}[2J\u{202e}x", 100, 3),
            ["tab here[2Jx"]
        );
        assert!(lines(" \n \u{202e}", 100, 3).is_empty());
        let long = "word ".repeat(2_000);
        assert_eq!(
            lines(&long, 500, 3),
            [format!("{}…", "word ".repeat(99) + "word")]
        );
    }
}
