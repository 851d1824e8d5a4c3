//! View: the whole screen as a function of what is known.
//!
//! ```text
//! exp06 · batch=128 · run 2 of 4                                              training
//! epoch 4/10 ━━━━━━━━──────────────────────────────  35%  5,632 samples/s  0:13 left
//! runs            loss             classifier.accuracy
//!                 charts, as many as there is room for
//! figures
//! q quit  ↑↓ run  ←→ charts 1–2 of 5  l log
//! ```
//!
//! What there is no room for is left out, charts first; on the smallest screens one line remains.

use super::chart::chart;
use super::figures::{aligned, epoch, figures, pace, remarks};
use super::look::Look;
use super::state::{RunState, Standing, Watched};
use crate::progress::number;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{LineGauge, Paragraph, Widget, Wrap};

/// The least width and height of a chart.
const CHART: (u16, u16) = (36, 7);

/// The width of the list of runs beside the charts, and of a screen that has room for it.
const LIST: (u16, u16) = (32, 100);

/// Lines of the list of runs above the charts.
const LIST_LINES: u16 = 4;

/// Draws everything into `area`.
pub(crate) fn view(watched: &Watched, look: Look, area: Rect, buffer: &mut Buffer) {
    let Some(run) = watched.runs.get(watched.chosen()) else {
        Line::from("no run yet").render(area, buffer);
        return;
    };
    let short = u16::from(area.height >= 2);
    let footer = u16::from(area.height >= 8);
    let remarks = remarks(run).join("\n");
    let lines = if remarks.is_empty() { 0 } else { remark_lines(&remarks, area.width).min(area.height / 3) };
    let [head, gauge, said, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(short),
        Constraint::Length(lines),
        Constraint::Min(0),
        Constraint::Length(footer),
    ])
    .areas(area);
    header(watched, run, look, head, buffer);
    progress(run, look, gauge, buffer);
    Paragraph::new(remarks).style(look.wrong()).wrap(Wrap { trim: false }).render(said, buffer);
    let body = list(watched, look, body, buffer);
    let charts = content(watched, run, look, body, buffer);
    keys(watched, charts, look, foot, buffer);
}

fn remark_lines(text: &str, width: u16) -> u16 {
    let width = usize::from(width.max(1));
    let lines = text.lines().map(|line| line.chars().count().div_ceil(width).max(1)).sum::<usize>();
    // One more where words do not fill their lines.
    (lines + usize::from(lines > text.lines().count())).try_into().unwrap_or(u16::MAX)
}

/// `exp06 · batch=128 · run 2 of 4`, and how it stands.
fn header(watched: &Watched, run: &RunState, look: Look, area: Rect, buffer: &mut Buffer) {
    let standing = run.standing();
    let word = standing.word();
    let [left, right] =
        Layout::horizontal([Constraint::Min(0), Constraint::Length(word.len() as u16 + 1)]).areas(area);
    let mut parts: Vec<String> = run.record.iter().map(|record| record.spec.clone()).collect();
    parts.push(run.name.clone());
    if watched.runs.len() > 1 {
        parts.push(format!("run {} of {}", watched.chosen() + 1, watched.runs.len()));
    }
    Line::styled(parts.join(" · "), look.title()).render(left, buffer);
    let style = match standing {
        Standing::Finished => look.best(),
        Standing::Failed | Standing::Damaged | Standing::Killed => look.wrong(),
        Standing::Training | Standing::Interrupted | Standing::Waiting => look.aside(),
    };
    Line::styled(word, style).right_aligned().render(right, buffer);
}

fn progress(run: &RunState, look: Look, area: Rect, buffer: &mut Buffer) {
    if run.record.is_none() {
        return;
    }
    let words = format!(" {:>3.0}%  {}", (run.fraction() * 100.0).floor(), pace(run));
    let width = words.chars().count() as u16;
    let [left, right] = Layout::horizontal([Constraint::Min(14), Constraint::Length(width)]).areas(area);
    LineGauge::default()
        .label(epoch(run))
        .ratio(run.fraction().clamp(0.0, 1.0))
        .filled_symbol("━")
        .unfilled_symbol("─")
        .filled_style(look.best())
        .unfilled_style(look.aside())
        .render(left, buffer);
    Line::from(words).render(right, buffer);
}

/// The list of runs, where there are several and there is room; gives the room that is left.
fn list(watched: &Watched, look: Look, area: Rect, buffer: &mut Buffer) -> Rect {
    let runs = watched.runs.len() as u16;
    if runs < 2 || area.height < 3 {
        return area;
    }
    let (list, rest) = if area.width >= LIST.1 {
        let [list, rest] =
            Layout::horizontal([Constraint::Length(LIST.0), Constraint::Min(0)]).spacing(1).areas(area);
        (list, rest)
    } else if area.height >= 14 {
        let lines = Constraint::Length(runs.min(LIST_LINES));
        let [list, rest] = Layout::vertical([lines, Constraint::Min(0)]).areas(area);
        (list, rest)
    } else {
        return area;
    };
    // The chosen one is always among those that are seen.
    let (chosen, seen) = (watched.chosen(), usize::from(list.height));
    let first = chosen.saturating_sub(seen / 2).min(watched.runs.len().saturating_sub(seen));
    let shown = watched.runs.iter().enumerate().skip(first).take(seen);
    let lines: Vec<Line<'_>> = shown.map(|(index, run)| entry(run, index == chosen, look)).collect();
    Paragraph::new(lines).render(list, buffer);
    rest
}

/// `▸ batch=128  training  35%  0.3333`
fn entry(run: &RunState, chosen: bool, look: Look) -> Line<'static> {
    let standing = match run.standing() {
        Standing::Training => format!("{:.0}%", (run.fraction() * 100.0).floor()),
        standing => standing.word().to_owned(),
    };
    let losses = run.history.series("val_loss").or_else(|| run.history.series("loss")).unwrap_or_default();
    let loss =
        run.best().and_then(|epoch| losses.get(epoch as usize - 1)).map_or(String::new(), |v| number(*v));
    let name: String = run.name.chars().take(16).collect();
    let text = format!("{} {name:<16} {standing:>11}", if chosen { '▸' } else { ' ' });
    let style = if chosen { look.title() } else { look.aside() };
    Line::from(vec![Span::styled(text, style), Span::styled(format!("  {loss}"), style)])
}

/// Charts and figures; gives which charts are seen, of how many.
fn content(
    watched: &Watched,
    run: &RunState,
    look: Look,
    area: Rect,
    buffer: &mut Buffer,
) -> (usize, usize, usize) {
    let measures = run.measures();
    let lines: Vec<String> =
        if run.done() == 0 && run.current().is_none() { Vec::new() } else { aligned(&figures(run)) };
    let wanted = lines.len() as u16;
    let height = if area.height >= wanted + CHART.1 {
        wanted
    } else if area.height >= 2 * CHART.1 {
        area.height - CHART.1
    } else {
        area.height
    };
    let [top, bottom] = Layout::vertical([Constraint::Min(0), Constraint::Length(height)]).areas(area);
    let mut text: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
    if let Some(titles) = text.first_mut() {
        *titles = titles.clone().style(look.aside());
    }
    Paragraph::new(Text::from(text)).render(bottom, buffer);
    if top.height < CHART.1 || run.done() == 0 {
        return (0, 0, measures.len());
    }
    let (columns, rows) = grid(top, measures.len());
    let seen = usize::from(columns * rows);
    let pages = measures.len().div_ceil(seen.max(1)).max(1);
    let first = watched.page.rem_euclid(pages as i32) as usize * seen;
    let across = Layout::horizontal(vec![Constraint::Fill(1); usize::from(columns)]).spacing(2);
    let down = Layout::vertical(vec![Constraint::Fill(1); usize::from(rows)]);
    let cells = down.split(top).iter().flat_map(|row| across.split(*row).to_vec()).collect::<Vec<Rect>>();
    let marks = (run.best(), watched.log);
    for (measure, cell) in measures.iter().skip(first).zip(cells) {
        chart(measure, marks, look, cell, buffer);
    }
    (first, (first + seen).min(measures.len()), measures.len())
}

/// Columns and rows of charts: as many as are wanted and fit, as wide as can be.
fn grid(area: Rect, charts: usize) -> (u16, u16) {
    let (wide, high) = ((area.width / CHART.0).max(1), (area.height / CHART.1).max(1));
    let charts = u16::try_from(charts).unwrap_or(u16::MAX).max(1);
    let rows = charts.min(high);
    let columns = charts.div_ceil(rows).min(wide);
    (columns, charts.div_ceil(columns).min(rows))
}

fn keys(watched: &Watched, charts: (usize, usize, usize), look: Look, area: Rect, buffer: &mut Buffer) {
    let mut words = vec![format!("q {}", watched.leaving)];
    if watched.runs.len() > 1 {
        words.push("↑↓ run".to_owned());
    }
    let (first, last, all) = charts;
    if last > first {
        if last - first < all {
            words.push(format!("←→ charts {}–{last} of {all}", first + 1));
        }
        words.push(format!("l {}", if watched.log { "linear" } else { "log" }));
    }
    Line::styled(words.join("   "), look.aside()).render(area, buffer);
}
