//! A figure: what plotters draws, dense marks beside it, and words for who cannot see it.
//!
//! In: a drawing in pixels. Out: SVG text, the same bytes for the same drawing. Text is
//! drawn by the viewer with its own fonts, so none is needed here.
//!
//! Plotters counts in whole pixels; figures are drawn [`FINE`] times larger and scaled back
//! by the view box, so that curves are smooth. Marks by the thousand (a scatter's points)
//! and pictures are written by hand as one path or one PNG: an element each would make the
//! page ten times longer.
//!
//! Light and dark: the colours of [`palette`](super::palette) that are not data (ink, grid,
//! paper) are replaced through CSS variables, which a page sets once and a file of its own
//! carries with it.

use super::palette::{GRID, INK, MUTED, PAPER};
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, RGBColor, TextStyle};

/// Drawing units in a pixel of the figure.
pub const FINE: i32 = 4;

/// Where the parts of a figure draw.
pub type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Why a figure could not be drawn. Drawing goes to memory, so this is a mistake in here:
/// an axis without extent, say.
pub type DrawingError = DrawingAreaErrorKind<std::io::Error>;

/// A finished figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it shows, in a few words.
    pub title: String,
    /// What is to be seen in it, for who cannot see it.
    pub description: String,
    /// Width and height in pixels.
    pub size: [u32; 2],
    body: String,
}

impl Figure {
    /// Draws a figure of `size` pixels with `draw`, which returns the marks that are added
    /// on top as SVG text (in units of [`FINE`] to a pixel); often none.
    ///
    /// Errors: what `draw` says.
    pub fn draw(
        title: impl Into<String>,
        description: impl Into<String>,
        size: [u32; 2],
        draw: impl FnOnce(&Canvas<'_>) -> Result<String, DrawingError>,
    ) -> Result<Figure, DrawingError> {
        let mut text = String::new();
        let marks = {
            let fine = FINE as u32;
            let area =
                SVGBackend::with_string(&mut text, (size[0] * fine, size[1] * fine)).into_drawing_area();
            area.fill(&PAPER)?;
            let marks = draw(&area)?;
            area.present()?;
            marks
        };
        // Between the root's tags: the root itself is written anew with words and style.
        let start = text.find('>').map_or(0, |end| end + 1);
        let end = text.rfind("</svg>").unwrap_or(text.len());
        let body = format!("{}{marks}", text[start..end].trim_start());
        Ok(Figure { title: title.into(), description: description.into(), size, body: tidy(&body) })
    }

    /// As a file of its own, with the style that follows the viewer's light or dark.
    pub fn to_file(&self) -> String {
        self.svg("fig", &format!("<style>{}</style>\n", file_style()))
    }

    /// As a part of a page, which must carry [`style`]. `id` must be unique in the page.
    pub fn to_inline(&self, id: &str) -> String {
        self.svg(id, "")
    }

    fn svg(&self, id: &str, style: &str) -> String {
        let [width, height] = self.size;
        let (view_width, view_height) = (width * FINE as u32, height * FINE as u32);
        let (title, description) = (escape(&self.title), escape(&self.description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {view_width} {view_height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
             <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>\n{style}{}</svg>\n",
            self.body
        )
    }
}

/// Removes what plotters writes and no viewer needs: it is half of the bytes.
fn tidy(body: &str) -> String {
    body.replace(" opacity=\"1\"", "")
        .replace(" stroke=\"none\"", "")
        .replace(" font-family=\"sans-serif\"", "")
        .replace(">\n</text>", "></text>")
        .lines()
        .map(|line| line.trim_end().replace(" \"/>", "\"/>"))
        .filter(|line| !line.is_empty())
        .fold(String::new(), |text, line| text + &line + "\n")
}

/// A colour as SVG writes it.
pub fn hex(RGBColor(r, g, b): RGBColor) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// `text` with what XML and HTML would take for markup written out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Control characters are not allowed in XML at all.
            c if c.is_control() && c != '\n' && c != '\t' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The roles that change between light and dark: variable, colour as drawn, colour in the dark.
const ROLES: [(&str, RGBColor, &str); 4] = [
    ("ink", INK, "#E6EDF3"),
    ("muted", MUTED, "#9AA4AF"),
    ("grid", GRID, "#30363D"),
    ("paper", PAPER, "#0D1117"),
];

/// The style that a page with inline figures must carry: it reads the variables `--ink`,
/// `--muted`, `--grid` and `--paper`.
pub fn style() -> String {
    let mut style = "svg.plot{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;max-width:100%;height:auto}\n".to_owned();
    for (role, color, _) in ROLES {
        let color = hex(color);
        style.push_str(&format!(
            "svg.plot [fill=\"{color}\"]{{fill:var(--{role})}} svg.plot [stroke=\"{color}\"]{{stroke:var(--{role})}}\n"
        ));
    }
    style
}

/// The variables in the light and in the dark, as CSS declarations.
pub fn variables() -> [String; 2] {
    let light = ROLES.iter().map(|(role, color, _)| format!("--{role}:{};", hex(*color))).collect();
    let dark = ROLES.iter().map(|(role, _, color)| format!("--{role}:{color};")).collect();
    [light, dark]
}

fn file_style() -> String {
    let [light, dark] = variables();
    format!("svg.plot{{{light}}}\n@media (prefers-color-scheme: dark){{svg.plot{{{dark}}}}}\n{}", style())
}

/// Text of `size` pixels.
pub fn text_style(size: u32, color: RGBColor) -> TextStyle<'static> {
    let style = TextStyle::from(("sans-serif", font_size(size)));
    TextStyle { color: color.to_backend_color(), ..style }
}

/// As [`text_style`], bold.
pub fn bold_style(size: u32, color: RGBColor) -> TextStyle<'static> {
    let style = TextStyle::from(("sans-serif", font_size(size), FontStyle::Bold));
    TextStyle { color: color.to_backend_color(), ..style }
}

/// Plotters writes a font 1.24 times smaller than asked.
fn font_size(size: u32) -> f64 {
    f64::from(size) * f64::from(FINE) * 1.24
}

/// Where a text stands relative to its point: `-1` left of it or above, `0` centred, `1` right or below.
pub fn anchored(style: TextStyle<'static>, horizontal: i8, vertical: i8) -> TextStyle<'static> {
    let h = match horizontal.signum() {
        -1 => HPos::Right,
        0 => HPos::Center,
        _ => HPos::Left,
    };
    let v = match vertical.signum() {
        -1 => VPos::Bottom,
        0 => VPos::Center,
        _ => VPos::Top,
    };
    style.pos(Pos::new(h, v))
}
