/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The emulator against a driver gone mad: registers, MCDI, descriptors, maps, frames and orders
 * from outside in any sequence. Whatever comes, the model touches only memory that is mapped (the
 * sanitizers tell) and gives everything back at a reset.
 */

#include <memory>

#include "../model/mini_driver.h"
#include "fuzz.h"

using namespace mini;

namespace {

constexpr uint16_t kVis = 8;
constexpr uint32_t kSteps = 512;	/* of one input, so that none takes long */

uint64_t
now_get(void *arg)
{
	return *static_cast<uint64_t *>(arg);
}

class ModelFuzz {
public:
	ModelFuzz(const uint8_t *data, size_t size) : in_(data, size) {}
	void run();

private:
	void open();
	void step();
	void mcdi();
	void words();
	void order();
	void frame();
	void map();
	void close();
	uint64_t word();

	fuzz::Input in_;
	uint64_t now_ = 1000000000;
	pioemu_vf_config conf_;
	pioemu_nic *nic_ = nullptr;
	pioemu_vf *vf_ = nullptr;
	std::unique_ptr<Driver> drv_;
	bool started_ = false;
	uint8_t extra_[4096] = {};
};

void
ModelFuzz::open()
{
	static const uint16_t ids[] = { PIOEMU_ID_MEDFORD2, PIOEMU_ID_MEDFORD,
					PIOEMU_ID_FARMINGDALE, PIOEMU_ID_GREENPORT };
	pioemu_nic_config nic_conf;

	pioemu_nic_config_default(&nic_conf);
	nic_conf.now_ns = now_get;
	nic_conf.now_arg = &now_;
	pioemu_vf_config_default(&conf_);
	conf_.nb_vis = kVis;
	conf_.device_id = ids[in_.below(4)];
	conf_.bar_trapping = in_.below(2);
	conf_.tx_recheck = in_.below(2);
	nic_ = pioemu_nic_create(&nic_conf);
	FUZZ_CHECK(nic_ != nullptr);
	FUZZ_CHECK(pioemu_vf_create(nic_, &conf_, &vf_) == 0);
	FUZZ_CHECK(pioemu_vf_wire_add_spec(vf_, "loopback", nullptr, 0) == 0);
	drv_ = std::make_unique<Driver>(nic_, vf_);
	/* most paths are behind a working pair of queues */
	started_ = in_.below(4) != 0;
	if (started_)
		drv_->startPair();
}

uint64_t
ModelFuzz::word()
{
	switch (in_.below(6)) {
	case 0: return txDma(kIova + in_.below(kArena), in_.below(16384), in_.below(2));
	case 1: return txPio(in_.below(8192), in_.below(4096), in_.below(2));
	case 2: return 0x8000000000000000ull | in_.get<uint64_t>();
	case 3: return rxDesc(kIova + in_.below(kArena), in_.below(16384));
	case 4: return kIova + in_.below(kArena);
	default: return in_.get<uint64_t>();
	}
}

void
ModelFuzz::mcdi()
{
	Bytes request(in_.below(2) ? in_.below(256) : in_.below(1100));

	in_.bytes(request.data(), request.size() < in_.left() ? request.size() : in_.left());
	/* addresses of memory that is mapped, where some requests have them */
	if (request.size() >= 48 && in_.below(2)) {
		put64(request, 28, kIova + in_.below(kArena) / 4096 * 4096);
		put64(request, 36, kIova + in_.below(kArena) / 4096 * 4096);
	}
	drv_->mcdi(in_.get<uint16_t>() % 0x300, request, in_.below(16) == 0);
}

void
ModelFuzz::words()
{
	Mem mem = drv_->mcdiBuf();

	for (uint32_t n = in_.below(32); n != 0; n--) {
		const uint64_t w = word();

		memcpy(mem.ptr + in_.below((kArena - 8192) / 8) * 8, &w, sizeof(w));
	}
	if (in_.below(2))
		drv_->ring(in_.below(2) ? mem.iova : word());
}

void
ModelFuzz::order()
{
	const uint16_t vi = static_cast<uint16_t>(in_.below(kVis + 2));

	switch (in_.below(11)) {
	case 0: pioemu_vf_tx_err_inject(vf_, vi, in_.get<uint8_t>() % 16); break;
	case 1: pioemu_vf_rx_err_inject(vf_, vi, in_.get<uint8_t>() % 16); break;
	case 2: pioemu_vf_event_inject(vf_, vi, in_.get<uint64_t>()); break;
	case 3: pioemu_nic_link_set(nic_, in_.below(2), 10000); break;
	case 4: pioemu_vf_hold_set(vf_, vi, in_.below(8)); break;
	case 5: pioemu_vf_tx_delay_set(vf_, 0, in_.below(1000)); break;
	case 6: pioemu_vf_bus_master_set(vf_, in_.below(4) != 0); break;
	case 7: pioemu_vf_tx_batch_random_set(vf_, static_cast<uint16_t>(in_.below(9))); break;
	case 8: pioemu_nic_mc_reboot(nic_, in_.below(2)); break;
	case 9: pioemu_vf_reset(vf_); break;
	default: pioemu_nic_pio_hold(nic_, static_cast<uint16_t>(in_.below(18))); break;
	}
}

void
ModelFuzz::frame()
{
	FrameSpec spec;

	spec.ip6 = in_.below(2);
	spec.proto = in_.get<uint8_t>();
	spec.vlans.resize(in_.below(3));
	spec.len = 60 + in_.below(3000);
	Bytes bytes = makeFrame(spec);
	for (uint32_t n = in_.below(8); n != 0; n--)
		bytes[in_.below(256) % bytes.size()] = in_.get<uint8_t>();
	if (in_.below(4) == 0)
		bytes.resize(in_.below(static_cast<uint32_t>(bytes.size())));
	pioemu_vf_frame_inject(vf_, bytes.data(), static_cast<uint32_t>(bytes.size()), in_.below(4));
}

void
ModelFuzz::map()
{
	/* overlaps, wraps and what the driver itself needs: any answer will do */
	const uint64_t iova = in_.below(4) ? uint64_t{ in_.below(16) } << 12 : in_.get<uint64_t>();

	if (in_.below(2))
		pioemu_iommu_map(drv_->iommu(), iova, sizeof(extra_), extra_, in_.below(4));
	else
		pioemu_iommu_unmap(drv_->iommu(), iova, in_.get<uint32_t>(), nullptr);
}

void
ModelFuzz::step()
{
	static const uint32_t regs[] = { 0, 0x10, 0x200, 0x204, 0x400, 0x420, 0x830, 0xA10,
		0xA14, 0xA18, 0xA1C, 0x1000, 0x1FF8, 0x2000, 0x3000 };
	const uint64_t off = drv_->vi(static_cast<uint16_t>(in_.below(kVis + 1))) +
		regs[in_.below(15)];

	now_ += in_.get<uint16_t>();
	switch (in_.below(8)) {
	case 0:
	case 1:
		if (conf_.bar_trapping) {
			pioemu_vf_bar_write(vf_, off + in_.below(8), in_.below(10), word());
			pioemu_vf_bar_read(vf_, off, in_.below(10));
		} else if (off + 8 <= pioemu_vf_bar_len(&conf_)) {
			drv_->write32(off, in_.below(2) ? in_.below(4096) : in_.get<uint32_t>());
		}
		break;
	case 2: mcdi(); break;
	case 3: words(); break;
	case 4: order(); break;
	case 5: frame(); break;
	case 6: map(); break;
	default:
		if (!started_)
			break;
		drv_->txPost(drv_->txq, word());
		drv_->txPush(drv_->txq, in_.below(2));
		break;
	}
	drv_->poll();
}

/* Back to order: a reset gives everything back. */
void
ModelFuzz::close()
{
	pioemu_vf_resources res;
	char *text = nullptr;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	FUZZ_CHECK(out != nullptr);
	pioemu_vf_dump(vf_, out);
	fclose(out);
	free(text);
	pioemu_nic_pio_hold(nic_, 0);
	pioemu_vf_reset(vf_);
	pioemu_vf_resources_get(vf_, &res);
	FUZZ_CHECK(res.nb_vis + res.nb_evqs + res.nb_filters + res.nb_piobufs + res.nb_rss == 0);
	FUZZ_CHECK(pioemu_nic_pio_free(nic_) == 16);
	drv_.reset();
	pioemu_nic_destroy(nic_);
}

void
ModelFuzz::run()
{
	open();
	for (uint32_t i = 0; i < kSteps && in_.more(); i++)
		step();
	close();
}

} /* namespace */

extern "C" int
LLVMFuzzerInitialize(int *, char ***)
{
	return 0;
}

extern "C" int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ModelFuzz(data, size).run();
	return 0;
}
