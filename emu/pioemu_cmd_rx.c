/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* MCDI commands for receive filters and RSS contexts. */

#include <string.h>

#include "pioemu_priv.h"

static uint32_t
cmd_filter_op(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t op = ef10_le32_get(cmd->in + EF10_FILTER_OP_IN_OP_OFST), rc;
	uint64_t handle = ef10_le64_get(cmd->in + EF10_FILTER_OP_IN_HANDLE_OFST);

	switch (op) {
	case EF10_FILTER_OP_OP_INSERT:
	case EF10_FILTER_OP_OP_SUBSCRIBE:
		if (ef10_le32_get(cmd->in + EF10_FILTER_OP_IN_PORT_ID_OFST) != EF10_PORT_ID_ASSIGNED)
			return EF10_MCDI_ERR_NO_EVB_PORT;
		rc = pioemu_filter_insert(vf, cmd->in, op == EF10_FILTER_OP_OP_SUBSCRIBE, &handle);
		break;
	case EF10_FILTER_OP_OP_REMOVE:
	case EF10_FILTER_OP_OP_UNSUBSCRIBE:
		rc = pioemu_filter_remove(vf, handle, op == EF10_FILTER_OP_OP_UNSUBSCRIBE);
		break;
	case EF10_FILTER_OP_OP_REPLACE:
		rc = pioemu_filter_replace(vf, cmd->in, handle);
		break;
	default:
		pioemu_violation(vf, PIOEMU_VIOLATION_MCDI_ARGUMENT, "FILTER_OP: operation %u", op);
		return EF10_MCDI_ERR_EINVAL;
	}
	ef10_le32_put(cmd->out + EF10_FILTER_OP_OUT_OP_OFST, op);
	ef10_le64_put(cmd->out + EF10_FILTER_OP_OUT_HANDLE_OFST, handle);
	cmd->out_len = EF10_FILTER_OP_OUT_LEN;
	return rc;
}

static uint32_t
cmd_get_parser_disp_info(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t op = ef10_le32_get(cmd->in + EF10_GET_PARSER_DISP_INFO_IN_OP_OFST);
	uint32_t nb = pioemu_filter_nb_matches, i;

	(void)vf;
	if (op != EF10_GET_PARSER_DISP_INFO_OP_SUPPORTED_RX_MATCHES)
		return EF10_MCDI_ERR_ENOTSUP;
	ef10_le32_put(cmd->out + EF10_GET_PARSER_DISP_INFO_OUT_OP_OFST, op);
	ef10_le32_put(cmd->out + EF10_GET_PARSER_DISP_INFO_OUT_NUM_SUPPORTED_MATCHES_OFST, nb);
	for (i = 0; i < nb; i++)
		ef10_le32_put(cmd->out + EF10_GET_PARSER_DISP_INFO_OUT_SUPPORTED_MATCHES_OFST + 4 * i,
			pioemu_filter_matches[i]);
	cmd->out_len = EF10_GET_PARSER_DISP_INFO_OUT_LEN(nb);
	return 0;
}

static uint32_t
cmd_rss_context_alloc(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t id = EF10_RSS_CONTEXT_ID_INVALID, rc;

	if (ef10_le32_get(cmd->in + EF10_RSS_CONTEXT_ALLOC_IN_UPSTREAM_PORT_ID_OFST) !=
	    EF10_PORT_ID_ASSIGNED)
		return EF10_MCDI_ERR_NO_EVB_PORT;
	if (!vf->vadaptor)
		return EF10_MCDI_ERR_NO_VADAPTOR;
	rc = pioemu_rss_alloc(vf, ef10_le32_get(cmd->in + EF10_RSS_CONTEXT_ALLOC_IN_TYPE_OFST),
		ef10_le32_get(cmd->in + EF10_RSS_CONTEXT_ALLOC_IN_NUM_QUEUES_OFST), &id);
	ef10_le32_put(cmd->out + EF10_RSS_CONTEXT_ALLOC_OUT_RSS_CONTEXT_ID_OFST, id);
	cmd->out_len = EF10_RSS_CONTEXT_ALLOC_OUT_LEN;
	return rc;
}

static uint32_t
cmd_rss_context_free(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	return pioemu_rss_free(vf,
		ef10_le32_get(cmd->in + EF10_RSS_CONTEXT_FREE_IN_RSS_CONTEXT_ID_OFST));
}

/* SET_KEY, SET_TABLE, SET_FLAGS and their GET twins; all start with the context. */
static uint32_t
cmd_rss_context(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	struct pioemu_rss *rss = pioemu_rss_get(vf, ef10_le32_get(cmd->in));
	const uint8_t *data = cmd->in + 4;
	uint32_t flags;

	if (rss == NULL)
		return EF10_MCDI_ERR_ENOENT;
	switch (cmd->code) {
	case EF10_CMD_RSS_CONTEXT_SET_KEY:
		if (!rss->exclusive)
			return EF10_MCDI_ERR_EPERM;
		pioemu_rss_key_set(rss, data);
		break;
	case EF10_CMD_RSS_CONTEXT_SET_TABLE:
		if (!rss->exclusive)
			return EF10_MCDI_ERR_EPERM;
		memcpy(rss->table, data, sizeof(rss->table));
		break;
	case EF10_CMD_RSS_CONTEXT_SET_FLAGS:
		flags = ef10_le32_get(data);
		if (flags > 0xFF && (vf->caps1 & EF10_GET_CAPABILITIES_FLAGS1_ADDITIONAL_RSS_MODES) == 0)
			return EF10_MCDI_ERR_EINVAL;
		rss->flags = flags;
		break;
	case EF10_CMD_RSS_CONTEXT_GET_KEY:
		memcpy(cmd->out + EF10_RSS_CONTEXT_GET_KEY_OUT_TOEPLITZ_KEY_OFST, rss->key,
			sizeof(rss->key));
		cmd->out_len = EF10_RSS_CONTEXT_GET_KEY_OUT_LEN;
		break;
	case EF10_CMD_RSS_CONTEXT_GET_TABLE:
		memcpy(cmd->out + EF10_RSS_CONTEXT_GET_TABLE_OUT_INDIRECTION_TABLE_OFST, rss->table,
			sizeof(rss->table));
		cmd->out_len = EF10_RSS_CONTEXT_GET_TABLE_OUT_LEN;
		break;
	default:
		ef10_le32_put(cmd->out + EF10_RSS_CONTEXT_GET_FLAGS_OUT_FLAGS_OFST, rss->flags);
		cmd->out_len = EF10_RSS_CONTEXT_GET_FLAGS_OUT_LEN;
		break;
	}
	return 0;
}

const struct pioemu_cmd_entry pioemu_cmds_rx[] = {
	{ EF10_CMD_FILTER_OP, EF10_FILTER_OP_IN_LEN, cmd_filter_op },
	{ EF10_CMD_GET_PARSER_DISP_INFO, EF10_GET_PARSER_DISP_INFO_IN_LEN, cmd_get_parser_disp_info },
	{ EF10_CMD_RSS_CONTEXT_ALLOC, EF10_RSS_CONTEXT_ALLOC_IN_LEN, cmd_rss_context_alloc },
	{ EF10_CMD_RSS_CONTEXT_FREE, EF10_RSS_CONTEXT_FREE_IN_LEN, cmd_rss_context_free },
	{ EF10_CMD_RSS_CONTEXT_SET_KEY, EF10_RSS_CONTEXT_SET_KEY_IN_LEN, cmd_rss_context },
	{ EF10_CMD_RSS_CONTEXT_GET_KEY, EF10_RSS_CONTEXT_GET_KEY_IN_LEN, cmd_rss_context },
	{ EF10_CMD_RSS_CONTEXT_SET_TABLE, EF10_RSS_CONTEXT_SET_TABLE_IN_LEN, cmd_rss_context },
	{ EF10_CMD_RSS_CONTEXT_GET_TABLE, EF10_RSS_CONTEXT_GET_TABLE_IN_LEN, cmd_rss_context },
	{ EF10_CMD_RSS_CONTEXT_SET_FLAGS, EF10_RSS_CONTEXT_SET_FLAGS_IN_LEN, cmd_rss_context },
	{ EF10_CMD_RSS_CONTEXT_GET_FLAGS, EF10_RSS_CONTEXT_GET_FLAGS_IN_LEN, cmd_rss_context },
	{ 0, 0, NULL },
};
