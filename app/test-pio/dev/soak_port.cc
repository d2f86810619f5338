/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <algorithm>
#include <cstring>

#include "soak_port.h"

namespace {

/* where a frame has its queue (8 bits) and number (24 bits) */
constexpr size_t TAG = 14;
constexpr uint32_t NB_MASK = 0xffffff;

void
tag_put(Frame &f, uint32_t tag)
{
	memcpy(&f[TAG], &tag, sizeof(tag));
}

uint32_t
tag_get(const Frame &f)
{
	uint32_t tag;

	memcpy(&tag, &f[TAG], sizeof(tag));
	return tag;
}

} /* namespace */

int
SoakPort::on_event(uint16_t, enum rte_eth_event_type type, void *arg, void *)
{
	SoakPort *self = static_cast<SoakPort *>(arg);

	if (type == RTE_ETH_EVENT_RECOVERY_SUCCESS)
		self->nb_success++;
	else
		self->nb_failed++;
	return 0;
}

void
SoakPort::states(bool started)
{
	std::fill(rx_started, rx_started + nb_queues, started);
	std::fill(tx_started, tx_started + nb_queues, started);
}

void
SoakPort::bring_up()
{
	struct rte_pio_queue_conf qc;

	conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH;
	conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
	ASSERT_EQ(attach("class=pio,pio_txqs=0"), 0);
	for (enum rte_eth_event_type type : { RTE_ETH_EVENT_RECOVERY_SUCCESS,
					      RTE_ETH_EVENT_RECOVERY_FAILED })
		ASSERT_EQ(rte_eth_dev_callback_register(port, type, on_event, this), 0);
	ASSERT_EQ(configure(nb_queues, nb_queues), 0);
	ASSERT_EQ(rte_pio_queue_conf_default(port, &qc), 0);
	qc.template_mem = 1024;
	qc.fallback_mp = pool;
	ASSERT_EQ(rte_pio_queue_setup(port, PIO_API, &qc), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on(1 << 16);
	states(true);
	templates_make();
}

void
SoakPort::take_down()
{
	struct rte_eth_stats stats;

	templates_free();
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	states(false);
	collect();
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	nb_oerrors += stats.oerrors;
	for (enum rte_eth_event_type type : { RTE_ETH_EVENT_RECOVERY_SUCCESS,
					      RTE_ETH_EVENT_RECOVERY_FAILED })
		rte_eth_dev_callback_unregister(port, type, on_event, this);
	ASSERT_EQ(detach(), 0);
	collect();
	rx_window();
	ctl->vf_wire_remove_all(vf);
	EXPECT_EQ(rte_mempool_avail_count(pool), pool_size);
	EXPECT_EQ(violations(), "");
}

void
SoakPort::templates_make()
{
	for (int i = 0; i < 2; i++) {
		struct rte_pio_template_conf tc = {};

		template_frames[i] = frame(80 + 60 * i, i);
		tc.data = template_frames[i].data();
		tc.len = static_cast<uint32_t>(template_frames[i].size());
		tc.nb_slots = static_cast<uint16_t>(1 + i);
		ASSERT_EQ(rte_pio_template_alloc(port, PIO_API, &tc, &templates[i]), 0);
	}
}

void
SoakPort::templates_free()
{
	for (struct rte_pio_template *&t : templates) {
		if (t != nullptr) {
			ASSERT_EQ(rte_pio_template_free(t), 0);
		}
		t = nullptr;
	}
}

Frame
SoakPort::next_frame(uint16_t queue, uint32_t len)
{
	Frame f = frame(len, tx[queue].next * 31 + queue);

	tag_put(f, (uint32_t)queue << 24 | (tx[queue].next & NB_MASK));
	return f;
}

void
SoakPort::taken(uint16_t queue, Frame f)
{
	tx[queue].open.push_back({ tx[queue].next++, padded(f) });
	nb_sent++;
}

void
SoakPort::send_burst(uint16_t queue)
{
	struct rte_mbuf *pkts[16];
	std::vector<Frame> frames;
	const uint16_t n = static_cast<uint16_t>(1 + rnd(16));
	const uint32_t first = tx[queue].next;
	uint16_t nb = 0;

	for (; nb < n; nb++) {
		tx[queue].next = first + nb;
		frames.push_back(next_frame(queue, rnd(3) != 0 ? 18 + rnd(180) : 18 + rnd(1400)));
		pkts[nb] = mbuf(frames.back());
		if (pkts[nb] == nullptr)
			break;
	}
	tx[queue].next = first;
	const uint16_t sent = rte_eth_tx_burst(port, queue, pkts, nb);
	for (uint16_t i = 0; i < sent; i++)
		taken(queue, frames[i]);
	rte_pktmbuf_free_bulk(pkts + sent, nb - sent);
}

void
SoakPort::send_pio()
{
	const Frame f = next_frame(PIO_API, 18 + rnd(300));
	const int ret = rte_pio_send(port, PIO_API, f.data(), static_cast<uint32_t>(f.size()),
				     rnd(4) == 0 ? (uint32_t)RTE_PIO_NO_FALLBACK : 0);

	if (ret >= 0)
		taken(PIO_API, f);
	nb_by_pio += ret == RTE_PIO_BY_PIO;
}

void
SoakPort::send_template()
{
	const uint32_t i = rnd(2);
	const uint32_t tag = (uint32_t)PIO_API << 24 | (tx[PIO_API].next & NB_MASK);
	const struct rte_pio_update update = { &tag, TAG, sizeof(tag) };

	if (templates[i] == nullptr)
		return;
	const int ret = rte_pio_template_update_send(templates[i], &update, 1, 0);
	if (ret >= 0) {
		tag_put(template_frames[i], tag);
		taken(PIO_API, template_frames[i]);
	}
	nb_by_pio += ret == RTE_PIO_BY_PIO;
}

/* One that left: the oldest of its queue, or those before it are lost. */
void
SoakPort::sent_arrived(const Frame &f)
{
	const uint32_t tag = tag_get(f);
	const uint32_t queue = tag >> 24;

	ASSERT_LT(queue, (uint32_t)nb_queues);
	Account &a = tx[queue];
	while (!a.open.empty() && (a.open.front().nb & NB_MASK) != (tag & NB_MASK)) {
		ASSERT_LT(a.open.front().nb, a.lossy_until) << "queue " << queue << ": lost, at frame "
			<< (tag & NB_MASK);
		a.open.pop_front();
		nb_lost++;
	}
	ASSERT_FALSE(a.open.empty()) << "queue " << queue << " frame " << (tag & NB_MASK)
		<< ": sent twice, or never given";
	ASSERT_EQ(f, a.open.front().frame);
	a.open.pop_front();
}

void
SoakPort::collect()
{
	for (uint16_t q = 0; attached() && q < nb_queues; q++) {
		struct rte_mbuf *pkts[32];
		const uint16_t n = rx_started[q] ? rte_eth_rx_burst(port, q, pkts, 32) : 0;

		for (uint16_t i = 0; i < n; i++) {
			const Frame f = bytes_of(pkts[i]);
			const auto it = f.size() < 18 ? rx_open.end() : rx_open.find(tag_get(f));

			rte_pktmbuf_free(pkts[i]);
			ASSERT_NE(it, rx_open.end()) << "received twice, or never delivered";
			ASSERT_EQ(f, it->second);
			rx_open.erase(it);
			nb_received++;
		}
	}
	for (const Frame &f : captured(0)) {
		sent_arrived(f);
		if (HasFatalFailure())
			return;
	}
}

void
SoakPort::traffic(uint32_t nb_bursts)
{
	for (uint32_t i = 0; i < nb_bursts; i++) {
		const uint16_t queue = static_cast<uint16_t>(rnd(nb_queues));

		if (queue == PIO_API && rnd(3) != 0)
			rnd(2) != 0 ? send_pio() : send_template();
		else if (tx_started[queue])
			send_burst(queue);
		if (rnd(2) == 0) {
			Frame f = frame(60 + rnd(800), rx_next);

			tag_put(f, rx_next);
			if (inject(f) == PIOEMU_RX_OK)
				rx_open.emplace(rx_next, f);
			rx_next++;
		}
		collect();
		if (HasFatalFailure())
			return;
	}
}

void
SoakPort::rx_window()
{
	rx_lossy_until = rx_next;
}

void
SoakPort::tx_window()
{
	for (Account &a : tx)
		a.lossy_until = a.next;
}

void
SoakPort::settle(const char *when)
{
	auto must = [&] {
		size_t n = 0;

		for (const Account &a : tx) {
			for (const Sent &s : a.open)
				n += s.nb >= a.lossy_until;
		}
		for (const auto &r : rx_open)
			n += r.first >= rx_lossy_until;
		return n;
	};

	/* rings are empty too: frames that may be lost can be on their way all the same */
	auto idle = [&] {
		for (uint16_t q = 0; q < nb_queues; q++) {
			if ((tx_started[q] && rte_eth_tx_descriptor_status(port, q, nb_txd - 11) !=
			     RTE_ETH_TX_DESC_DONE) ||
			    (rx_started[q] && rte_eth_rx_queue_count(port, q) != 0))
				return false;
		}
		return true;
	};

	EXPECT_TRUE(wait_for([&] {
		const bool at_rest = idle();

		collect();
		return HasFatalFailure() || (at_rest && must() == 0);
	}, 20000)) << when << ": " << must() << " frames are missing";
	if (HasFatalFailure())
		return;
	for (Account &a : tx) {
		nb_lost += a.open.size();
		a.open.clear();
	}
	nb_rx_lost += rx_open.size();
	rx_open.clear();
	ASSERT_EQ(violations(), "") << when;
}

void
SoakPort::recovered(int before, const char *when)
{
	EXPECT_TRUE(wait_for([&] {
		tx_window();
		rx_window();
		traffic(1);
		return HasFatalFailure() || nb_success > before;
	}, 30000)) << when;
	EXPECT_EQ(nb_failed, 0) << when;
	tx_window();
	rx_window();
}
