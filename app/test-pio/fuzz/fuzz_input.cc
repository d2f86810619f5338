/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * What the driver and the emulator read as text or from files: device arguments, the kernel's
 * list of memory types, responses of the management controller, capture files. Whatever comes,
 * each answers, and a refusal changes nothing.
 */

#include <cerrno>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include <rte_log.h>

#include "fuzz.h"
#include "pioemu.h"
#include "ef10_mcdi.h"
#include "piopmd_devargs.h"
#include "piopmd_mcdi.h"
#include "piopmd_memtype.h"

/* of the driver's files that are not linked */
extern "C" {
int piopmd_logtype_init;
int piopmd_logtype_mcdi;
}

namespace {

void
devargs_try(const fuzz::Input &in)
{
	const std::string args(reinterpret_cast<const char *>(in.rest()), in.left());
	piopmd_devargs da, before;

	memset(&da, 0xA5, sizeof(da));
	before = da;
	piopmd_devargs_is_ours(args.c_str());
	const int ret = piopmd_devargs_parse("fuzz", args.c_str(), &da);
	FUZZ_CHECK(ret == 0 || ret == -EINVAL);
	if (ret != 0) {
		FUZZ_CHECK(memcmp(&da, &before, sizeof(da)) == 0);
		return;
	}
	FUZZ_CHECK(da.pio_threshold == 0 || (da.pio_threshold >= PIOPMD_DEVARGS_THRESHOLD_MIN &&
		   da.pio_threshold <= PIOPMD_DEVARGS_THRESHOLD_MAX));
}

/* A file that holds the input; only its name can be given to what is tested. */
class MemFile {
public:
	explicit MemFile(const fuzz::Input &in) : fd_(memfd_create("fuzz", MFD_CLOEXEC))
	{
		FUZZ_CHECK(fd_ >= 0);
		FUZZ_CHECK(write(fd_, in.rest(), in.left()) == static_cast<ssize_t>(in.left()));
		path_ = "/proc/self/fd/" + std::to_string(fd_);
	}
	~MemFile() { close(fd_); }
	const std::string &path() const { return path_; }

private:
	int fd_;
	std::string path_;
};

void
memtype_try(const fuzz::Input &in)
{
	const MemFile file(in);
	piopmd_memtype_page pages[3] = {};

	pages[0].phys = 0xfe800000;
	pages[1].phys = UINT64_MAX;
	FUZZ_CHECK(piopmd_memtype_lookup(file.path().c_str(), pages, 3) == 0);
	for (const piopmd_memtype_page &page : pages)
		FUZZ_CHECK(piopmd_memtype_name(page.type) != nullptr);
}

void
response_try(fuzz::Input in)
{
	uint8_t buf[EF10_MCDI_BUF_LEN] = {}, out[64];
	piopmd_mcdi_req req = {};
	bool rebooted = false;

	req.cmd = in.get<uint8_t>();
	req.out = out;
	req.out_size = in.below(sizeof(out) + 1);
	req.out_min = in.below(static_cast<uint32_t>(req.out_size) + 1);
	req.quiet = true;
	const uint8_t seq = in.get<uint8_t>() % 16;
	in.bytes(buf, sizeof(buf));
	const int ret = piopmd_mcdi_response_decode(buf, &req, seq, &rebooted);
	FUZZ_CHECK(ret <= 0);
	if (ret == 0)
		FUZZ_CHECK(req.out_len >= req.out_min);
}

void
pcap_try(const fuzz::Input &in)
{
	const MemFile file(in);
	const std::string spec = "pcap-in=" + file.path();
	pioemu_nic_config nic_conf;
	pioemu_vf_config conf;
	pioemu_vf *vf;
	char err[256];

	pioemu_nic_config_default(&nic_conf);
	pioemu_vf_config_default(&conf);
	pioemu_nic *nic = pioemu_nic_create(&nic_conf);
	FUZZ_CHECK(nic != nullptr && pioemu_vf_create(nic, &conf, &vf) == 0);
	if (pioemu_vf_wire_add_spec(vf, spec.c_str(), err, sizeof(err)) == 0) {
		for (int i = 0; i < 64; i++)
			pioemu_nic_poll(nic);
	} else {
		FUZZ_CHECK(strnlen(err, sizeof(err)) > 0);
	}
	pioemu_nic_destroy(nic);
}

} /* namespace */

extern "C" int
LLVMFuzzerInitialize(int *, char ***)
{
	/* the driver tells of each refusal */
	rte_log_set_global_level(RTE_LOG_EMERG);
	return 0;
}

extern "C" int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz::Input in(data, size);

	switch (in.below(4)) {
	case 0: devargs_try(in); break;
	case 1: memtype_try(in); break;
	case 2: response_try(in); break;
	default: pcap_try(in); break;
	}
	return 0;
}
