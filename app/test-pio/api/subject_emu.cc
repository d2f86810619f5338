/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Subjects on the emulator: net_piopmd, and net_sfc as a port without PIO on the same adapter. The
 * program runs below `pioemu run --wire none --vfs 3 --privileges 2=0x17f8`; a test without it is skipped.
 */

#include <atomic>
#include <dlfcn.h>
#include <map>

#include <rte_cycles.h>
#include <rte_dev.h>

#include "emu/pioemu.h"
#include "subject.h"

namespace pio {

namespace {

constexpr unsigned kDeadlineMs = 5000;
constexpr uint32_t kCaptureMax = 16384;
constexpr uint32_t kMcdiDrvAttach = 0x1c;
constexpr uint32_t kMcdiAllocPiobuf = 0x8f;
constexpr uint32_t kErrIo = 5, kErrNoSpc = 28;
/* The test run starts the third VF without the privilege for PIO. */
constexpr uint16_t kVfWithoutPrivilege = 2;

const pioemu_ctl *
Ctl()
{
	static const pioemu_ctl *ctl = [] {
		void *sym = dlsym(RTLD_DEFAULT, PIOEMU_CTL_SYMBOL);
		return sym == nullptr ? nullptr :
			reinterpret_cast<pioemu_ctl_get_fn>(sym)(PIOEMU_VERSION);
	}();
	return ctl;
}

bool
WaitFor(const std::function<bool()> &cond)
{
	const uint64_t end = rte_get_timer_cycles() + kDeadlineMs * rte_get_timer_hz() / 1000;

	while (!cond()) {
		if (rte_get_timer_cycles() > end)
			return cond();
		rte_delay_us_sleep(20);
	}
	return true;
}

class EmuSubject : public Subject {
public:
	bool Available() const override { return Ctl() != nullptr; }

	uint16_t
	Attach(const std::string &extra) override
	{
		uint16_t n = no_privilege ? kVfWithoutPrivilege : 0;

		while (Used(n))
			n++;
		const std::string name = "0000:01:00." + std::to_string(n + 1);
		std::string args = Args();
		if (!extra.empty())
			args += "," + extra;
		uint16_t port = UINT16_MAX;
		if (rte_dev_probe((name + args).c_str()) != 0 ||
		    rte_eth_dev_get_port_by_name(name.c_str(), &port) != 0)
			return UINT16_MAX;
		pioemu_vf *vf = Ctl()->vf_by_index(n);
		vfs[port] = { vf, n };
		Ctl()->vf_wire_remove_all(vf);
		Ctl()->vf_wire_add_capture(vf, kCaptureMax, nullptr, nullptr);
		return port;
	}

	void
	Detach(uint16_t port) override
	{
		rte_eth_dev_info info;
		pioemu_vf *vf = vfs[port].vf;
		pioemu_vf_resources res;

		EXPECT_EQ(rte_eth_dev_info_get(port, &info), 0);
		EXPECT_EQ(rte_eth_dev_close(port), 0);
		EXPECT_EQ(rte_dev_remove(info.device), 0);
		Ctl()->vf_mcdi_fault_clear(vf);
		Ctl()->nic_pio_hold(Ctl()->vf_nic(vf), 0);
		Ctl()->vf_resources_get(vf, &res);
		EXPECT_EQ(res.nb_piobufs + res.nb_pio_links + res.nb_vis, 0);
		Ctl()->vf_wire_remove_all(vf);
		Ctl()->vf_violation_reset(vf);
		vfs.erase(port);
	}

	void
	Hold(uint16_t port, bool hold) override
	{
		Ctl()->vf_hold_set(vfs[port].vf, PIOEMU_ALL,
				   hold ? PIOEMU_HOLD_TX_FETCH | PIOEMU_HOLD_TX_EVENT : 0);
	}

	std::vector<Frame>
	Take(uint16_t port, size_t nb) override
	{
		std::vector<Frame> frames;
		uint8_t data[16384];

		if (nb == 0)
			WaitIdle(port);
		WaitFor([&] {
			while (uint32_t len = Ctl()->vf_capture_take(vfs[port].vf, data,
								     sizeof(data), nullptr))
				frames.emplace_back(data, data + len);
			return frames.size() >= nb;
		});
		return frames;
	}

	void
	WaitIdle(uint16_t port) override
	{
		const pioemu_vf_config *conf = Ctl()->vf_config_get(vfs[port].vf);
		pioemu_vi_info info;

		WaitFor([&] {
			/* Once more round the model's loop, so that a doorbell is not overlooked. */
			rte_delay_us_sleep(100);
			for (uint16_t vi = 0; vi < conf->nb_vis; vi++) {
				if (Ctl()->vf_vi_info_get(vfs[port].vf, vi, &info) == 0 &&
				    info.txq && info.tx_pending != 0)
					return false;
			}
			return true;
		});
	}

	std::string
	Violations(uint16_t port) override
	{
		std::string text;

		for (int i = 0; i < PIOEMU_VIOLATION_NUM; i++) {
			const auto id = static_cast<pioemu_violation>(i);
			pioemu_violation_info info;

			if (Ctl()->vf_violation_get(vfs[port].vf, id, &info) != 0)
				text += std::string(Ctl()->violation_name(id)) + " " + info.last +
					"\n";
		}
		return text;
	}

protected:
	struct Vf {
		pioemu_vf *vf;
		uint16_t n;
	};

	virtual std::string Args() const = 0;

	bool
	Used(uint16_t n) const
	{
		for (const auto &[port, vf] : vfs) {
			if (vf.n == n)
				return true;
		}
		return false;
	}

	static void
	Fault(uint16_t n, uint32_t cmd, uint32_t err)
	{
		const pioemu_mcdi_fault fault = { cmd, 0, 0, PIOEMU_MCDI_FAIL, err };

		if (pioemu_vf *vf = Ctl()->vf_by_index(n))
			Ctl()->vf_mcdi_fault_add(vf, &fault);
	}

	std::map<uint16_t, Vf> vfs;
	bool no_privilege = false;
};

class PiopmdSubject : public EmuSubject {
public:
	bool HasPio() const override { return true; }
	bool CanFail() const override { return true; }

	/* Every attempt to attach again fails, so the driver gives up. */
	void
	Fail(uint16_t port) override
	{
		pioemu_vf *vf = vfs[port].vf;
		Watch watch(port, RTE_ETH_EVENT_RECOVERY_FAILED);

		Fault(vfs[port].n, kMcdiDrvAttach, kErrIo);
		Ctl()->nic_mc_reboot(Ctl()->vf_nic(vf), true);
		EXPECT_TRUE(watch.Wait());
		Ctl()->vf_mcdi_fault_clear(vf);
	}

	void
	Recover(uint16_t port) override
	{
		EXPECT_EQ(rte_eth_dev_stop(port), 0);
		EXPECT_EQ(rte_eth_dev_start(port), 0);
	}

	void
	Reboot(uint16_t port) override
	{
		Watch watch(port, RTE_ETH_EVENT_RECOVERY_SUCCESS);

		Ctl()->nic_mc_reboot(Ctl()->vf_nic(vfs[port].vf), true);
		EXPECT_TRUE(watch.Wait());
	}

	void
	RebootWithoutMemory(uint16_t port) override
	{
		Fault(vfs[port].n, kMcdiAllocPiobuf, kErrNoSpc);
		Reboot(port);
		Ctl()->vf_mcdi_fault_clear(vfs[port].vf);
	}

	void
	LimitPool(uint16_t port, unsigned bufs) override
	{
		pioemu_nic *nic = Ctl()->vf_nic(vfs[port].vf);

		Ctl()->nic_pio_hold(nic, 0);
		Ctl()->nic_pio_hold(nic, (uint16_t)(Ctl()->nic_pio_free(nic) - bufs));
	}

	bool
	ForbidPio() override
	{
		no_privilege = true;
		return true;
	}

protected:
	std::string Args() const override { return ",class=pio"; }

private:
	/* Waits for an event; polls the queue meanwhile, as its thread would. */
	class Watch {
	public:
		Watch(uint16_t port, rte_eth_event_type type) : port(port), type(type)
		{
			rte_eth_dev_callback_register(port, type, Seen, &nb);
		}

		~Watch() { rte_eth_dev_callback_unregister(port, type, Seen, &nb); }

		bool
		Wait()
		{
			return WaitFor([&] {
				rte_eth_tx_burst(port, 0, nullptr, 0);
				return nb != 0;
			});
		}

	private:
		static int
		Seen(uint16_t, rte_eth_event_type, void *arg, void *)
		{
			(*static_cast<std::atomic<int> *>(arg))++;
			return 0;
		}

		uint16_t port;
		rte_eth_event_type type;
		std::atomic<int> nb{ 0 };
	};
};

class SfcSubject : public EmuSubject {
public:
	bool HasPio() const override { return false; }
	/* Its descriptors are taken in batches; a test that fills the ring must not count them. */
	std::string Violations(uint16_t) override { return ""; }

protected:
	std::string Args() const override { return ""; }
};

} /* namespace */

std::unique_ptr<Subject>
MakeEmuSubject(const std::string &name)
{
	if (name == "piopmd")
		return std::make_unique<PiopmdSubject>();
	if (name == "sfc")
		return std::make_unique<SfcSubject>();
	return nullptr;
}

} /* namespace pio */
