#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Compare the numbers of hw/ef10 with upstream's register headers.

Driver and emulator share hw/ef10, so neither would notice a wrong number there. This check reads
our headers and upstream's as text and compares every number that has a counterpart: by the upstream
name in the comment, or by the naming rule at the top of ef10_mcdi_cmd.h. A number without a
counterpart must match a pattern of OURS, with the reason.

usage: check_hw_upstream.py HW_EF10_DIR [DPDK_SOURCE_DIR]
Exit code: 0 all agree, 1 not, 77 no DPDK source tree.
"""

import pathlib
import re
import sys

UPSTREAM = ('efx_regs_ef10.h', 'efx_regs_mcdi.h', 'efx_regs.h', 'efx.h', 'efx_impl.h',
            'ef10_impl.h', 'ef10_tlv_layout.h', 'hunt_impl.h', 'medford_impl.h', 'medford2_impl.h')

# Numbers that upstream does not define by name.
OURS = (
    (r'PCI_CLASS_ETHERNET', 'PCI specification'),
    (r'VI_STRIDE_MIN', 'another name of a stride'),
    (r'MC_STATUS_(SIG|BOOT|GONE)\w*|MC_DB_CANCEL', 'literals in Linux and DPDK'),
    (r'REG_DD_EVQ_INDIRECT', 'another name of a register'),
    (r'RX_DESC_WPTR_ALIGN|DESC_SIZE|EVENT_SIZE|DESCS_PER_PAGE|EVENT_EMPTY', 'ring formats'),
    (r'PIOBUF_SIZE_(MAX|ASSUMED)|PIO_\w+', 'rules of Linux and Onload'),
    (r'[TR]X_DMA_LEN_MAX|TX_PIO_LEN_MAX|RX_EV_MERGED_MAX', 'follow from the width of the field'),
    (r'TX_OPT_TYPE_(PIO|ALT)|TX_ALT_\w+', 'Onload; DPDK has a bare 1 for PIO'),
    (r'TX_CSUM_FLAG\w*', 'masks of fields that are compared'),
    (r'RX_PREFIX_\w+', 'offsets in net/sfc without a name'),
    (r'TX_EV_TYPE_(?!LBN|WIDTH)\w+', 'Linux ef10_regs.h'),
    (r'MCDI_EV_LINKCHANGE_(UP|FD)_\w+', 'bits of a field that upstream takes as a whole'),
    (r'MCDI_BUF_\w+|MCDI_HDR_V\d_LEN|MCDI_CMD_MAX_V1|MCDI_ERR_LEN', 'transport'),
    (r'PRIV_GENERAL', 'no bit'),
    (r'EVQ_TMR_TICK_CYCLES', 'literal in efx_nic.c'),
    (r'INIT_[RT]XQ_DMA_ADDR_MAXNUM', 'of the longest form; upstream: of the shortest'),
    (r'RSS_CONTEXT_(KEY|TABLE)_LEN', 'length of a field'),
    (r'FILTER_OP_HANDLE_INVALID', 'two words upstream'),
)

# Our name, or its start, and what upstream has instead of it. Longest match counts.
RENAMED = {
    'DRV_ATTACH_FUNC_FLAGS_': 'MC_CMD_DRV_ATTACH_EXT_OUT_FLAG_',
    'GET_CAPABILITIES_DPCPU_FW_': 'MC_CMD_GET_CAPABILITIES_OUT_RXDP_',
    'GET_CAPABILITIES_DPCPU_FW_FULL_FEATURED': 'MC_CMD_GET_CAPABILITIES_OUT_RXDP',
    'GET_CAPABILITIES_FLAGS1_PERMIT_SET_MAC':
        'MC_CMD_GET_CAPABILITIES_OUT_VADAPTOR_PERMIT_SET_MAC_WHEN_FILTERS_INSTALLED',
    'GET_FUNCTION_INFO_VF_NULL': 'MC_CMD_PRIVILEGE_MASK_IN_VF_NULL',
    'GET_PARSER_DISP_INFO_OP_': 'MC_CMD_GET_PARSER_DISP_INFO_IN_OP_GET_',
    'GET_PORT_ASSIGNMENT_PORT_NULL': 'MC_CMD_GET_PORT_ASSIGNMENT_OUT_NULL_PORT',
    'GET_RXDP_CONFIG_PAD_HOST_': 'MC_CMD_SET_RXDP_CONFIG_IN_PAD_HOST_',
    'INIT_EVQ_OUT_FLAGS_': 'MC_CMD_INIT_EVQ_V2_OUT_FLAG_',
    'INIT_EVQ_OUT_FLAGS_OFST': 'MC_CMD_INIT_EVQ_V2_OUT_FLAGS_OFST',
    'INIT_RXQ_FLAGS_DMA_MODE_': 'MC_CMD_INIT_RXQ_EXT_IN_',
    'INIT_RXQ_FLAGS_DMA_MODE_LBN': 'MC_CMD_INIT_RXQ_EXT_IN_DMA_MODE_LBN',
    'INIT_RXQ_FLAGS_DMA_MODE_WIDTH': 'MC_CMD_INIT_RXQ_EXT_IN_DMA_MODE_WIDTH',
    'INIT_RXQ_FLAGS_DMA_MODE_EQUAL_STRIDE': 'MC_CMD_INIT_RXQ_EXT_IN_EQUAL_STRIDE_SUPER_BUFFER',
    'MCDI_EV_SPEED_': 'MCDI_EVENT_LINKCHANGE_SPEED_',
    'MCDI_HDR_': 'MCDI_HEADER_',
    'MCDI_V2_MESSAGE_TYPE_': 'MC_CMD_V2_EXTN_IN_MCDI_MESSAGE_TYPE_',
    'MCDI_V2_MESSAGE_TYPE_LBN': 'MC_CMD_V2_EXTN_IN_MESSAGE_TYPE_LBN',
    'MCDI_V2_MESSAGE_TYPE_WIDTH': 'MC_CMD_V2_EXTN_IN_MESSAGE_TYPE_WIDTH',
    'PHY_MEDIA_': 'MC_CMD_MEDIA_',
    'PORT_ID_': 'EVB_PORT_ID_',
    'PRIV_': 'MC_CMD_PRIVILEGE_MASK_IN_GRP_',
    'PRIVILEGE_MASK_FUNCTION_VF_NULL': 'MC_CMD_PRIVILEGE_MASK_IN_VF_NULL',
    'RSS_CONTEXT_FLAGS_': 'MC_CMD_RSS_CONTEXT_SET_FLAGS_IN_',
    'RSS_CONTEXT_ID_INVALID': 'MC_CMD_RSS_CONTEXT_ALLOC_OUT_RSS_CONTEXT_ID_INVALID',
    'RSS_MODE_': 'RSS_MODE_',
    'SET_ID_LED_STATE_': 'MC_CMD_LED_',
    'TX_DESC_WPTR_LBN': 'ERF_DZ_TX_DESC_WPTR_LBN - 64',
    'VI_STRIDE_8K': 'ER_DZ_EVQ_RPTR_REG_STEP',
    'VI_STRIDE_16K': 'ER_FZ_EVQ_RPTR_REG_16K_STEP',
    'VI_STRIDE_64K': 'ER_FZ_EVQ_RPTR_REG_64K_STEP',
    'VI_WINDOWS_MAX': 'ER_DZ_EVQ_RPTR_REG_ROWS',
}
# These upstream names are numbers of bits although they do not end in _LBN.
BIT_NUMBERS = r'MC_CMD_DRV_ATTACH_EXT_OUT_FLAG_\w+'

FORMS = ('', 'EXT_') + tuple('V%d_' % n for n in range(2, 11))


def defines(text):
    """Yield (name, value text, comment, comment line before) of each object-like #define."""
    before = ''
    for line in text.split('\n'):
        match = re.match(r'#\s*define\s+(\w+)\s+([^/\\]*?)\s*(?:/\*\s*(.*?)\s*(?:\*/)?)?$', line)
        if match:
            yield match.group(1), match.group(2), match.group(3) or '', before
        before = line if re.fullmatch(r'/\*.*\*/', line) else ''


def bit_number(text):
    match = re.fullmatch(r'\(1u << (\d+)\)', text)
    return int(match.group(1)) if match else None


def number(text, names):
    """Value of a number, of a name or of one of them in parentheses; None for anything else."""
    text = text.strip('() ')
    if re.fullmatch(r'(0[xX][0-9a-fA-F]+|\d+)[uU]?', text):
        return int(text.rstrip('uU'), 0)
    return names.get(text)


def read_upstream(base):
    names = {}
    for file in UPSTREAM:
        for name, value, _, _ in defines((base / file).read_text()):
            parsed = number(value, names)
            if parsed is not None or value.startswith('SRIOV_CTG_'):
                names.setdefault(name, value if parsed is None else parsed)
    return names


class Check:
    def __init__(self, upstream):
        self.upstream = upstream
        self.compared = 0
        self.complaints = []

    def equal(self, ours, text, theirs):
        """Compare; False when upstream has no such number."""
        name, _, less = theirs.partition(' - ')
        bit = bit_number(text)
        if bit is not None and name + '_LBN' in self.upstream:
            name += '_LBN'
        if not isinstance(self.upstream.get(name), int):
            return False
        value = number(text, {})
        if bit is not None:
            is_number = name.endswith('_LBN') or re.fullmatch(BIT_NUMBERS, name)
            value = bit if is_number else 1 << bit
        expected = self.upstream[name] - int(less or 0)
        self.compared += 1
        if value != expected:
            self.complaints.append('EF10_%s is %s, %s is %#x' % (ours, text, name, expected))
        return True

    def must_equal(self, ours, text, theirs):
        if not self.equal(ours, text, theirs):
            self.complaints.append('EF10_%s: upstream has no %s' % (ours, theirs))

    def by_comment(self, ours, text, comment):
        """Compare with all upstream names in the comment."""
        suffix = re.search(r'_(LBN|WIDTH)$|$', ours).group(0)
        return any([self.equal(ours, text, name + suffix)
                    for name in re.findall(r'\b[A-Z][A-Z0-9]*_\w+', comment)])

    def by_rule(self, ours, text, commands):
        """Compare as the naming rule says: an offset or length in all forms of the message."""
        command = max((c for c in commands if ours.startswith(c + '_')), key=len, default='')
        rest = ours[len(command):].lstrip('_')
        prefix = 'MC_CMD_' + command + '_' if command else 'MC_CMD_'
        match = re.fullmatch(r'(IN|OUT)_(\w+_OFST)', rest)
        if match:
            way, field = match.groups()
            names = {prefix + form + way + '_' + field for form in FORMS} | \
                    {prefix + way + '_' + form + field for form in FORMS}
            return any([self.equal(ours, text, name) for name in sorted(names)])
        if self.equal(ours, text, prefix + rest):
            return True
        # a flag, a value or a part of FIELD: upstream's name leaves out some words of ours
        words = rest.split('_')
        for drop in range(len(words)):
            tail = '_'.join(words[drop:])
            for form in FORMS:
                for way in ('IN_', 'OUT_'):
                    for flag in ('', 'FLAG_', 'FLAGS_', 'FUNCTION_'):
                        if self.equal(ours, text, prefix + form + way + flag + tail):
                            return True
        return False


def read_lists(text):
    """{list name: [entries]} of the X-macro lists."""
    return {match.group(1): [[f.strip() for f in entry.split(',')]
                             for entry in re.findall(r'X\(([^()]*)\)', match.group(2))]
            for match in re.finditer(r'#define EF10_(\w+)_LIST\(X\)((?:.*\\\n)*.*\n)', text)}


def check_lists(check, lists):
    for name, offset, *_ in lists['REG']:
        found = [check.equal('REG_' + name, offset, theirs % name) for theirs in
                 ('ER_DZ_%s_REG_OFST', 'ER_FZ_%s_REG_16K_OFST', 'ER_FZ_%s_REG_64K_OFST',
                  'ER_DZ_%s_OFST')]
        if not any(found) and name not in ('TX_DESC_UPD_WPTR', 'CTPIO'):
            check.complaints.append('EF10_REG_%s: unknown upstream' % name)
    for name, code, privilege in lists['CMD']:
        check.must_equal('CMD_' + name, code, 'MC_CMD_' + name)
        category = check.upstream.get('MC_CMD_%#x_PRIVILEGE_CTG' % int(code, 0))
        if category != 'SRIOV_CTG_' + privilege:
            check.complaints.append('EF10_CMD_%s needs %s, upstream says %s' %
                                    (name, privilege, category))
    for kind, prefix in (('MCDI_ERR', 'MC_CMD_ERR_'), ('MAC_STAT', 'MC_CMD_MAC_'),
                         ('MCDI_EV_CODE', 'MCDI_EVENT_CODE_')):
        for name, value in lists[kind]:
            check.must_equal(kind + '_' + name, value, prefix + name)


def check_define(check, ours, text, comment, commands):
    start = max((s for s in RENAMED if ours == s or (ours.startswith(s) and s.endswith('_'))),
                key=len, default=None)
    if any(re.fullmatch(pattern, ours) for pattern, _ in OURS):
        return
    if start is not None:
        check.must_equal(ours, text, RENAMED[start] + ours[len(start):])
    elif not check.by_comment(ours, text, comment) and not check.by_rule(ours, text, commands):
        check.complaints.append('EF10_%s: no counterpart upstream' % ours)


def main():
    texts = [path.read_text() for path in sorted(pathlib.Path(sys.argv[1]).glob('*.h'))]
    if len(sys.argv) < 3:
        print('check_hw_upstream: no DPDK source tree to compare with')
        return 77
    check = Check(read_upstream(pathlib.Path(sys.argv[2]) / 'drivers/common/sfc_efx/base'))
    lists = {}
    for text in texts:
        lists.update(read_lists(text))
    check_lists(check, lists)
    commands = [name for name, *_ in lists['CMD']]
    width_comment = {}
    for text in texts:
        for name, value, comment, before in defines(text):
            if not name.startswith('EF10_') or not value:
                continue
            comment = comment or width_comment.get(name) or before
            if name.endswith('_LBN'):
                width_comment[name[:-4] + '_WIDTH'] = comment
            check_define(check, name[5:], value, comment, commands)
    for complaint in check.complaints:
        print('check_hw_upstream:', complaint)
    print('check_hw_upstream: %d comparisons, %d complaints' %
          (check.compared, len(check.complaints)))
    return 1 if check.complaints or check.compared < 1000 else 0


if __name__ == '__main__':
    sys.exit(main())
