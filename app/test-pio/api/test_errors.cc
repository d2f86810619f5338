/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Every errno of every call, grouped by errno: those for a wrong argument. What an error must not
 * change is R2's; here each is provoked once per call that lists it. test_errors_state.cc has
 * those for a state, secondary/ has -EPERM, which needs a second process.
 */

#include <cstdio>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* -ENODEV: no such port, also beyond the table of the inline calls. */

PIO_SUITE(Errno_ENODEV, AllSubjects);

TEST_P(Errno_ENODEV, EveryCallThatTakesAPort)
{
	Start();
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	struct rte_pio_credits credits;
	rte_pio_queue_stats stats;
	rte_pio_queue_conf conf = Conf();
	rte_pio_queue_info qi;
	rte_pio_wc_info wc;
	rte_pio_info info;
	rte_pio_template_conf tc = {};
	rte_pio_template *t = reinterpret_cast<rte_pio_template *>(1);

	tc.data = f.data();
	tc.len = 64;
	for (uint16_t p : { (uint16_t)(port + 1), (uint16_t)(RTE_MAX_ETHPORTS - 1),
			    (uint16_t)RTE_MAX_ETHPORTS, (uint16_t)UINT16_MAX }) {
		SCOPED_TRACE(p);
		EXPECT_EQ(rte_pio_info_get(p, &info), -ENODEV);
		EXPECT_EQ(rte_pio_queue_conf_default(p, &conf), -ENODEV);
		EXPECT_EQ(rte_pio_queue_setup(p, 0, &conf), -ENODEV);
		EXPECT_EQ(rte_pio_queue_release(p, 0), -ENODEV);
		EXPECT_EQ(rte_pio_queue_start(p, 0), -ENODEV);
		EXPECT_EQ(rte_pio_queue_stop(p, 0), -ENODEV);
		EXPECT_EQ(rte_pio_threshold_set(p, 0, 64), -ENODEV);
		EXPECT_EQ(rte_pio_queue_info_get(p, 0, &qi), -ENODEV);
		EXPECT_EQ(rte_pio_wc_info_get(p, &wc), -ENODEV);
		EXPECT_EQ(rte_pio_wc_selftest(p, &wc), -ENODEV);
		EXPECT_EQ(rte_pio_stats_get(p, 0, &stats), -ENODEV);
		EXPECT_EQ(rte_pio_stats_reset(p, 0), -ENODEV);
		EXPECT_EQ(rte_pio_dump(stdout, p), -ENODEV);
		EXPECT_EQ(rte_pio_send(p, 0, f.data(), 64, 0), -ENODEV);
		EXPECT_EQ(rte_pio_sendv(p, 0, &iov, 1, 0), -ENODEV);
		EXPECT_EQ(rte_pio_send_burst(p, 0, &iov, 1, 0), -ENODEV);
		EXPECT_EQ(rte_pio_credits(p, 0, &credits), -ENODEV);
		EXPECT_EQ(rte_pio_warm(p, 0, 64), -ENODEV);
		EXPECT_EQ(rte_pio_reap(p, 0), -ENODEV);
		EXPECT_EQ(rte_pio_template_alloc(p, 0, &tc, &t), -ENODEV);
		EXPECT_EQ(t, nullptr);
	}
}

TEST_P(Errno_ENODEV, APortThatWasClosed)
{
	Start();
	const uint16_t gone = port;
	StopPort();
	subject->Detach(port);
	port = UINT16_MAX;
	const Frame f = MakeFrame(64, 1);
	EXPECT_EQ(rte_pio_send(gone, 0, f.data(), 64, 0), -ENODEV);
	EXPECT_EQ(rte_pio_reap(gone, 0), -ENODEV);
	/* The id may come back, with a port that knows nothing of the old one. */
	ASSERT_NO_FATAL_FAILURE(Configure());
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 64, 0), -ENOTSUP);
}

/* -EINVAL: bad queue, NULL, unknown flag, out of range. */

PIO_SUITE(Errno_EINVAL, AllSubjects);

TEST_P(Errno_EINVAL, AQueueOutOfRange)
{
	Start();
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	struct rte_pio_credits credits;
	rte_pio_queue_stats stats;
	rte_pio_queue_conf conf = Conf();
	rte_pio_queue_info qi;
	rte_pio_template_conf tc = {};
	rte_pio_template *t;

	tc.data = f.data();
	tc.len = 64;
	for (uint16_t q : { (uint16_t)1, (uint16_t)RTE_MAX_QUEUES_PER_PORT,
			    (uint16_t)UINT16_MAX }) {
		SCOPED_TRACE(q);
		EXPECT_EQ(rte_pio_queue_setup(port, q, &conf), -EINVAL);
		EXPECT_EQ(rte_pio_queue_release(port, q), -EINVAL);
		EXPECT_EQ(rte_pio_queue_start(port, q), -EINVAL);
		EXPECT_EQ(rte_pio_queue_stop(port, q), -EINVAL);
		EXPECT_EQ(rte_pio_threshold_set(port, q, 64), -EINVAL);
		EXPECT_EQ(rte_pio_queue_info_get(port, q, &qi), -EINVAL);
		EXPECT_EQ(rte_pio_stats_get(port, q, &stats), -EINVAL);
		EXPECT_EQ(rte_pio_stats_reset(port, q), -EINVAL);
		EXPECT_EQ(rte_pio_send(port, q, f.data(), 64, 0), -EINVAL);
		EXPECT_EQ(rte_pio_sendv(port, q, &iov, 1, 0), -EINVAL);
		EXPECT_EQ(rte_pio_send_burst(port, q, &iov, 1, 0), -EINVAL);
		EXPECT_EQ(rte_pio_credits(port, q, &credits), -EINVAL);
		EXPECT_EQ(rte_pio_warm(port, q, 64), -EINVAL);
		EXPECT_EQ(rte_pio_reap(port, q), -EINVAL);
		EXPECT_EQ(rte_pio_template_alloc(port, q, &tc, &t), -EINVAL);
	}
}

TEST_P(Errno_EINVAL, ANullPointer)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(64, 1));
	ASSERT_NE(t, nullptr);
	rte_pio_template_conf tc = {};
	rte_pio_template_info ti;
	rte_pio_template *out;

	EXPECT_EQ(rte_pio_info_get(port, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_queue_conf_default(port, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_queue_setup(port, 0, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_queue_info_get(port, 0, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_wc_info_get(port, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_wc_selftest(port, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_stats_get(port, 0, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_dump(nullptr, port), -EINVAL);
	EXPECT_EQ(rte_pio_send(port, 0, nullptr, 64, 0), -EINVAL);
	EXPECT_EQ(rte_pio_sendv(port, 0, nullptr, 1, 0), -EINVAL);
	EXPECT_EQ(rte_pio_send_burst(port, 0, nullptr, 1, 0), -EINVAL);
	EXPECT_EQ(rte_pio_credits(port, 0, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_template_alloc(port, 0, nullptr, &out), -EINVAL);
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &out), -EINVAL) << "data NULL";
	EXPECT_EQ(rte_pio_template_info_get(nullptr, &ti), -EINVAL);
	EXPECT_EQ(rte_pio_template_info_get(t, nullptr), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(nullptr, 0, "x", 1), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(t, 20, nullptr, 1), -EINVAL);
	EXPECT_EQ(rte_pio_template_send(nullptr, 0), -EINVAL);
	EXPECT_EQ(rte_pio_template_update_send(nullptr, nullptr, 0, 0), -EINVAL);
	EXPECT_EQ(rte_pio_template_update_send(t, nullptr, 1, 0), -EINVAL);
	/* The one NULL that is fine. */
	EXPECT_EQ(rte_pio_template_free(nullptr), 0);
	ExpectFrames({});
}

TEST_P(Errno_EINVAL, AnUnknownFlag)
{
	Start();
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	for (uint32_t bit = 0; bit < 32; bit++) {
		const uint32_t flag = 1u << bit;

		if ((flag & RTE_PIO_FLAGS_ALL) != 0)
			continue;
		EXPECT_EQ(Send(f, flag), -EINVAL);
		EXPECT_EQ(rte_pio_sendv(port, 0, &iov, 1, flag), -EINVAL);
		EXPECT_EQ(rte_pio_send_burst(port, 0, &iov, 1, flag), -EINVAL);
		EXPECT_EQ(rte_pio_template_send(t, flag), -EINVAL);
		EXPECT_EQ(rte_pio_template_update_send(t, nullptr, 0, flag), -EINVAL);
	}
	ExpectFrames({});
}

TEST_P(Errno_EINVAL, ChecksumsThatWereNotConfigured)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(64, 1));
	ASSERT_NE(t, nullptr);
	EXPECT_EQ(Send(MakeFrame(64, 1), RTE_PIO_CSUM), -EINVAL);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_CSUM), -EINVAL);
	ExpectFrames({});
}

TEST_P(Errno_EINVAL, LengthsOutOfRange)
{
	Start();
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov small[] = { { f.data(), 6 }, { f.data(), 7 } };
	rte_pio_template *t = Template(f, 1, 100);
	ASSERT_NE(t, nullptr);

	for (uint32_t len : { 0u, 1u, 13u }) {
		EXPECT_EQ(rte_pio_send(port, 0, f.data(), len, 0), -EINVAL);
		EXPECT_EQ(rte_pio_warm(port, 0, len), -EINVAL);
		/* A template cannot be cut that short either. */
		EXPECT_EQ(rte_pio_template_update(t, len, nullptr, 0), -EINVAL);
	}
	EXPECT_EQ(rte_pio_sendv(port, 0, small, 2, 0), -EINVAL);
	EXPECT_EQ(rte_pio_sendv(port, 0, small, 0, 0), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(t, 65, "x", 1), -EINVAL) << "a hole";
	EXPECT_EQ(rte_pio_template_update(t, 64, f.data(), 37), -EINVAL) << "past the room";
	EXPECT_EQ(rte_pio_template_update(t, 101, nullptr, 0), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(t, 64, f.data(), 36), 0);
	EXPECT_EQ(Info(t).len, 100u);
	ExpectFrames({});
}

TEST_P(Errno_EINVAL, AQueueConfOutOfRange)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	const std::vector<std::function<void(rte_pio_queue_conf &)>> bad = {
		[](rte_pio_queue_conf &c) { c.policy = (rte_pio_policy)2; },
		[](rte_pio_queue_conf &c) { c.fallback = (rte_pio_fallback)2; },
		[](rte_pio_queue_conf &c) { c.wc_policy = (rte_pio_wc_policy)2; },
		[](rte_pio_queue_conf &c) { c.threshold = 13; },
		[](rte_pio_queue_conf &c) { c.threshold = 65536; },
		[](rte_pio_queue_conf &c) { c.mem_min = 2048; c.mem_pref = 1024; },
		[](rte_pio_queue_conf &c) { c.template_mem = 4097; },
		[](rte_pio_queue_conf &c) { c.reserved[0] = 1; },
		[](rte_pio_queue_conf &c) { c.reserved[3] = 1; },
		/* Checksums: no family, two families, nothing to insert, of IPv6, SCTP, lengths. */
		[](rte_pio_queue_conf &c) { c.tx_ol_flags = RTE_MBUF_F_TX_IP_CKSUM; },
		[](rte_pio_queue_conf &c) {
			c.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 |
				RTE_MBUF_F_TX_UDP_CKSUM;
		},
		[](rte_pio_queue_conf &c) { c.tx_ol_flags = RTE_MBUF_F_TX_IPV4; },
		[](rte_pio_queue_conf &c) {
			c.tx_ol_flags = RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_IP_CKSUM;
			c.l2_len = 14;
			c.l3_len = 40;
		},
		[](rte_pio_queue_conf &c) {
			c.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_SCTP_CKSUM;
			c.l2_len = 14;
			c.l3_len = 20;
		},
		[](rte_pio_queue_conf &c) {
			c.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
			c.l2_len = 13;
			c.l3_len = 20;
		},
		[](rte_pio_queue_conf &c) {
			c.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
			c.l2_len = 14;
			c.l3_len = 19;
		},
		[](rte_pio_queue_conf &c) { c.tx_ol_flags = 1; },
	};
	for (size_t i = 0; i < bad.size(); i++) {
		rte_pio_queue_conf conf = Conf(bad[i]);

		EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -EINVAL) << i;
		EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
	}
}

TEST_P(Errno_EINVAL, AQueueThatIsNotSetUp)
{
	rte_eth_conf conf = {};

	port = subject->Attach("");
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	if (GetParam() == "ring")
		GTEST_SKIP() << "net_ring sets its queues up when it is made";
	rte_pio_queue_conf qc = Conf();
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &qc), -EINVAL);
}

TEST_P(Errno_EINVAL, ATemplateConfOutOfRange)
{
	Start();
	const Frame f = MakeFrame(64, 1);
	const std::vector<std::function<void(rte_pio_template_conf &)>> bad = {
		[](rte_pio_template_conf &c) { c.len = 13; },
		[](rte_pio_template_conf &c) { c.room = 63; },
		[](rte_pio_template_conf &c) { c.nb_slots = 3; },
		[](rte_pio_template_conf &c) { c.resident = (rte_pio_resident)2; },
		[](rte_pio_template_conf &c) { c.reserved[1] = 1; },
		[](rte_pio_template_conf &c) { c.tx_ol_flags = RTE_MBUF_F_TX_UDP_CKSUM; },
	};
	for (size_t i = 0; i < bad.size(); i++) {
		rte_pio_template_conf conf = {};
		rte_pio_template *t = reinterpret_cast<rte_pio_template *>(1);

		conf.data = f.data();
		conf.len = 64;
		bad[i](conf);
		EXPECT_EQ(rte_pio_template_alloc(port, 0, &conf, &t), -EINVAL) << i;
		EXPECT_EQ(t, nullptr);
	}
	EXPECT_EQ(Queue().nb_templates, 0u);
}

PIO_SUITE(Errno_EINVAL_Pio, PioSubjects);

TEST_P(Errno_EINVAL_Pio, AThresholdBeyondTheSlots)
{
	Start();
	const uint32_t slot = Queue().slot_size, was = Queue().threshold;
	EXPECT_EQ(rte_pio_threshold_set(port, 0, slot + 1), -EINVAL);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 13), -EINVAL);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 0), -EINVAL);
	EXPECT_EQ(Queue().threshold, was);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, slot), 0);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 14), 0);
	EXPECT_EQ(Queue().threshold, 14u);
}

/* -ENOTSUP: no PIO and fallback excluded, or not opted in (R9, R12, R16 have the rest). */

PIO_SUITE(Errno_ENOTSUP, AllSubjects);

TEST_P(Errno_ENOTSUP, AQueueWithoutOptIn)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	ASSERT_NO_FATAL_FAILURE(StartPort());
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	struct rte_pio_credits credits;
	rte_pio_queue_stats stats;
	rte_pio_template_conf tc = {};
	rte_pio_template *t;

	tc.data = f.data();
	tc.len = 64;
	EXPECT_EQ(rte_pio_queue_release(port, 0), -ENOTSUP);
	EXPECT_EQ(rte_pio_queue_start(port, 0), -ENOTSUP);
	EXPECT_EQ(rte_pio_queue_stop(port, 0), -ENOTSUP);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 64), -ENOTSUP);
	EXPECT_EQ(rte_pio_stats_get(port, 0, &stats), -ENOTSUP);
	EXPECT_EQ(rte_pio_stats_reset(port, 0), -ENOTSUP);
	EXPECT_EQ(Send(f), -ENOTSUP);
	EXPECT_EQ(rte_pio_sendv(port, 0, &iov, 1, 0), -ENOTSUP);
	EXPECT_EQ(rte_pio_send_burst(port, 0, &iov, 1, 0), -ENOTSUP);
	EXPECT_EQ(rte_pio_credits(port, 0, &credits), -ENOTSUP);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), -ENOTSUP);
	EXPECT_EQ(rte_pio_reap(port, 0), -ENOTSUP);
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -ENOTSUP);
	EXPECT_EQ(rte_pio_queue_info_get(port, 0, nullptr), -EINVAL);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
}

TEST_P(Errno_ENOTSUP, ARequiredTemplateOnAPortWithoutPio)
{
	if (subject->HasPio())
		GTEST_SKIP() << "this port has PIO";
	Start();
	const Frame f = MakeFrame(64, 1);
	rte_pio_template_conf tc = {};
	rte_pio_template *t;

	tc.data = f.data();
	tc.len = 64;
	tc.resident = RTE_PIO_RESIDENT_REQUIRED;
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -ENOTSUP);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 64), -ENOTSUP);
	EXPECT_EQ(Send(f, RTE_PIO_NO_FALLBACK), -ENOTSUP);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_NO_DRIVER], 1u);
}

TEST_P(Errno_ENOTSUP, ChecksumsThatTheQueueWasNotGiven)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_queue_conf conf = Conf([](rte_pio_queue_conf &c) {
		c.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM |
			RTE_MBUF_F_TX_UDP_CKSUM;
		c.l2_len = 14;
		c.l3_len = 20;
	});
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOTSUP);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
}

TEST_P(Errno_ENOTSUP, TheSelfTestWithoutAdapterMemory)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_wc_info wc;
	EXPECT_EQ(rte_pio_wc_selftest(port, &wc), -ENOTSUP);
}
