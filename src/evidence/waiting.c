/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/waiting.h"

/* Before the record, which the parts follow. */
struct head {
    uint32_t n_record;
    bool more;
};

bool hc_waiting_add(struct hc_runs *runs, const struct hc_waiting *row, GError **error)
{
    const struct head head = {(uint32_t)row->record.n, row->more};
    char *room = hc_runs_add(runs, row->time, sizeof head + row->record.n + row->parts.n, error);

    if (!room)
        return false;
    memcpy(room, &head, sizeof head);
    memcpy(room + sizeof head, row->record.p, row->record.n);
    if (row->parts.n)
        memcpy(room + sizeof head + row->record.n, row->parts.p, row->parts.n);
    return true;
}

int hc_waiting_next(struct hc_runs *runs, struct hc_waiting *row, GError **error)
{
    const void *item;
    struct head head;
    size_t size;
    int rc = hc_runs_next(runs, &row->time, &item, &size, error);

    if (rc != 1)
        return rc;
    memcpy(&head, item, sizeof head);
    row->more = head.more;
    row->record = hc_str_n((const char *)item + sizeof head, head.n_record);
    row->parts = hc_str_n(row->record.p + head.n_record, size - sizeof head - head.n_record);
    return 1;
}

struct hc_str hc_waiting_record(const struct hc_waiting *row, int64_t id, struct hc_record *room)
{
    struct hc_value values[HC_RECORD_COLUMNS];

    if (row->time == HC_WAITING_UNDATED || id >> HC_SLOT_BITS == row->time)
        return row->record;
    hc_waiting_values(row, values);
    values[HC_EVENT_TIME] = (struct hc_value){.number = row->time};
    hc_record_start(room);
    for (size_t i = 0; i < HC_EVENT_COLUMNS; i++) {
        if (values[i].null)
            hc_record_null(room);
        else if (values[i].blob)
            hc_record_blob(room, values[i].text);
        else if (values[i].text.p)
            hc_record_text(room, values[i].text);
        else
            hc_record_int(room, values[i].number);
    }
    return hc_record_end(room);
}

void hc_waiting_values(const struct hc_waiting *row, struct hc_value values[HC_RECORD_COLUMNS])
{
    for (size_t n = hc_record_values(row->record, values); n < HC_EVENT_COLUMNS; n++)
        values[n] = (struct hc_value){.null = n != HC_EVENT_SPAN && n != HC_EVENT_OUTCOME};
}

void hc_waiting_columns(const struct hc_waiting *row, int64_t columns[HC_INDEX_COLUMNS])
{
    static const uint8_t wanted[HC_INDEX_COLUMNS] = {HC_EVENT_ACTION, HC_EVENT_ACTOR,   HC_EVENT_TARGET,
                                                     HC_EVENT_OBJECT, HC_EVENT_ADDRESS, HC_EVENT_MESSAGE};

    hc_record_numbers(row->record, wanted, HC_INDEX_COLUMNS, columns);
}

struct hc_waiting_facts hc_waiting_facts(const struct hc_waiting *row)
{
    static const uint8_t wanted[] = {HC_EVENT_TYPE, HC_EVENT_ROW_KEY};
    int64_t n[G_N_ELEMENTS(wanted)];

    hc_record_numbers(row->record, wanted, G_N_ELEMENTS(wanted), n);
    return (struct hc_waiting_facts){n[0], n[1]};
}
