/* Boxes around cells of several lines. Equal neighbours in a column are shown once: the line between them is left out. */
#include "cli/cli.h"

struct layout {
    const struct table *table;
    struct buffer *out;
    size_t rows;
    size_t *widths;
    struct str *rests; /* of the row that is being written, one a column */
};

static const struct table_cell *cell_at(const struct layout *layout, size_t row, size_t column)
{
    return &layout->table->cells.items[row * layout->table->columns + column];
}

static bool merges_up(const struct layout *layout, size_t row, size_t column)
{
    if (row == 0 || column >= layout->table->merged) return false;
    struct str text = cell_at(layout, row, column)->text;
    return text.size && str_equal(text, cell_at(layout, row - 1, column)->text);
}

/* Corner, crossing or tee by the lines that meet: a bit each for left, right, up, down. */
static const char *joint(const struct table *table, bool left, bool right, bool up, bool down)
{
    static const char *const joints[16] = {
        " ", "─", "─", "─", "│", "┘", "└", "┴", "│", "┐", "┌", "┬", "│", "┤", "├", "┼",
    };
    if (table->ascii) return (up || down) && !left && !right ? "|" : "+";
    return joints[(left ? 1 : 0) | (right ? 2 : 0) | (up ? 4 : 0) | (down ? 8 : 0)];
}

/* The line above `row`; row 0 is below the headings, `rows` the bottom. */
static void put_rule(struct layout *layout, size_t row, bool top)
{
    const struct table *table = layout->table;
    bool bottom = !top && row == layout->rows;
    for (size_t column = 0; column <= table->columns; column++) {
        bool left = column > 0 && (top || bottom || !merges_up(layout, row, column - 1));
        bool right = column < table->columns && (top || bottom || !merges_up(layout, row, column));
        buffer_text(layout->out, joint(table, left, right, !top, !bottom));
        if (column == table->columns) break;
        cli_put_times(layout->out, right ? table->ascii ? "-" : "─" : " ", layout->widths[column] + 2);
    }
    buffer_char(layout->out, '\n');
}

static void put_text(struct layout *layout, const struct table_cell *cell, struct str text, bool first_line)
{
    bool colour = layout->table->colour && cell->colour && text.size,
         link = layout->table->colour && cell->link.size && first_line && text.size;
    if (link) {
        buffer_text(layout->out, "\033]8;;");
        cli_put_printable(layout->out, cell->link);
        buffer_text(layout->out, "\033\\");
    }
    if (colour) buffer_printf(layout->out, "\033[%sm", cell->colour);
    cli_put_printable(layout->out, text);
    if (colour) buffer_text(layout->out, "\033[0m");
    if (link) buffer_text(layout->out, "\033]8;;\033\\");
}

static void put_cell(struct layout *layout, const struct table_cell *cell, struct str text, size_t width, enum cell_align align,
                     bool first_line)
{
    size_t used = str_width(text), free_width = width > used ? width - used : 0;
    size_t before = align == ALIGN_CENTER ? free_width / 2 : align == ALIGN_RIGHT ? free_width : 0;
    cli_put_times(layout->out, " ", before + 1);
    put_text(layout, cell, text, first_line);
    cli_put_times(layout->out, " ", free_width - before + 1);
}

/* Line by line over all cells: what is left of each stands in `rests`. */
static void put_row(struct layout *layout, size_t row)
{
    const struct table *table = layout->table;
    const char *bar = table->ascii ? "|" : "│";
    bool more = true, first = true;
    for (size_t column = 0; column < table->columns; column++)
        layout->rests[column] = cell_at(layout, row, column)->text;
    while (more) {
        more = false;
        for (size_t column = 0; column < table->columns; column++) {
            struct str text = layout->rests[column].data ? str_cut(&layout->rests[column], '\n') : (struct str){ 0 };
            bool last = !layout->rests[column].data;
            buffer_text(layout->out, bar);
            put_cell(layout, cell_at(layout, row, column), merges_up(layout, row, column) ? (struct str){ 0 } : text,
                     layout->widths[column], table->aligns ? table->aligns[column] : ALIGN_LEFT, first);
            more = more || !last;
        }
        buffer_text(layout->out, bar);
        buffer_char(layout->out, '\n');
        first = false;
    }
}

static void measure(struct layout *layout, struct arena *arena)
{
    const struct table *table = layout->table;
    layout->widths = arena_array(arena, table->columns, sizeof *layout->widths);
    for (size_t column = 0; column < table->columns; column++) {
        layout->widths[column] = str_width(str_of(table->headings[column]));
        for (size_t row = 0; row < layout->rows; row++)
            for (struct str rest = cell_at(layout, row, column)->text; rest.data;) {
                size_t width = str_width(str_cut(&rest, '\n'));
                if (width > layout->widths[column]) layout->widths[column] = width;
            }
    }
}

void table_write(struct buffer *out, struct arena *arena, const struct table *table)
{
    struct layout layout = { table, out, table->cells.count / table->columns };
    layout.rests = arena_array(arena, table->columns, sizeof *layout.rests);
    measure(&layout, arena);
    put_rule(&layout, 0, true);
    for (size_t column = 0; column < table->columns; column++) {
        struct table_cell heading = { .colour = "1" };
        buffer_text(out, table->ascii ? "|" : "│");
        put_cell(&layout, &heading, str_of(table->headings[column]), layout.widths[column], ALIGN_CENTER, false);
    }
    buffer_text(out, table->ascii ? "|\n" : "│\n");
    for (size_t row = 0; row < layout.rows; row++) {
        put_rule(&layout, row, false);
        put_row(&layout, row);
    }
    put_rule(&layout, layout.rows, false);
}

static size_t width_of(const struct layout *layout)
{
    size_t width = 1;
    for (size_t column = 0; column < layout->table->columns; column++)
        width += layout->widths[column] + 3;
    return width;
}

/* Lines of a cell were broken for a box. */
static struct str on_one_line(struct arena *arena, struct str text)
{
    struct str copy = arena_str(arena, text);
    for (size_t i = 0; i < copy.size; i++)
        if (copy.data[i] == '\n') ((char *)copy.data)[i] = ' ';
    return copy;
}

static void write_list(struct buffer *out, struct arena *arena, const struct layout *layout, size_t width)
{
    const struct table *table = layout->table;
    for (size_t row = 0; row < layout->rows; row++) {
        if (row) buffer_char(out, '\n');
        for (size_t column = 0; column < table->columns; column++) {
            struct str text = on_one_line(arena, cell_at(layout, row, column)->text);
            const char *mark = column ? "  " : "";
            if (text.size)
                cli_put_paragraph(out, arena, width, mark,
                                  arena_strf(arena, "%s: %.*s", table->headings[column], STR_ARG(text)));
        }
    }
}

void table_write_within(struct buffer *out, struct arena *arena, const struct table *table, size_t width)
{
    struct layout layout = { table, out, table->cells.count / table->columns };
    measure(&layout, arena);
    if (width && width_of(&layout) > width)
        write_list(out, arena, &layout, width);
    else
        table_write(out, arena, table);
}
