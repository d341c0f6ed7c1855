using static FastTcpProxy.Daemon.Cli.Machine.MachineSeverity;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <content>Of the kernel, the process and the machine.</content>
internal static partial class MachineRules
{
    public static MachineRule SynBacklog { get; } = new("M301", "backlog of handshakes (net.ipv4.tcp_max_syn_backlog)", Warning,
        "at least 4096", "With cookies off, handshakes beyond it are dropped; with cookies on, they lose TCP options.");

    public static MachineRule SynCookies { get; } = new("M302", "SYN cookies (net.ipv4.tcp_syncookies)", Warning,
        "1", "With 0 a flood of SYNs locks clients out; 2 is for tests.");

    public static MachineRule UnreservedPorts { get; } = new("M303", "ports of services among the local ports", Warning,
        "outside of net.ipv4.ip_local_port_range, or in net.ipv4.ip_local_reserved_ports",
        "While the proxy does not listen, an outgoing connection can take the port, and the next start fails.");

    public static MachineRule TimeWaitReuse { get; } = new("M304", "reuse of ports in TIME_WAIT (net.ipv4.tcp_tw_reuse)", Note,
        "2 (the default), or 1 where local ports are short", "With 0 each closed connection holds its port for a minute.");

    public static MachineRule TimeWaitBuckets { get; } = new("M305", "TIME_WAIT table (net.ipv4.tcp_max_tw_buckets)", Warning,
        "room for the connections of a minute, and no overflow",
        "Connections beyond it skip TIME_WAIT: an old segment may reach a new connection (RFC 1337).");

    public static MachineRule ConntrackTable { get; } = new("M306", "connection tracking (net.netfilter.nf_conntrack_max)", Error,
        "two entries for each session, and less than 80 % in use", "When the table is full, the kernel drops packets of new connections.");

    public static MachineRule ConntrackBuckets { get; } = new("M307", "hash of connection tracking", Note,
        "at most 8 entries of nf_conntrack_max for each bucket", "Each packet searches a chain.");

    public static MachineRule TcpMemory { get; } = new("M308", "memory of TCP (net.ipv4.tcp_mem)", Error,
        "less in use than the second number, and room for the buffers of all sessions",
        "Above the third number every connection of the machine stalls.");

    public static MachineRule SocketBuffers { get; } = new("M309", "socket buffers (net.ipv4.tcp_rmem, net.ipv4.tcp_wmem)", Warning,
        "a third number of at least 1 MiB", "A stream transfers at most one window for each round trip.");

    public static MachineRule QueueOverflows { get; } = new("M310", "overflows of accept queues (TcpExtListenOverflows, TcpExtListenDrops)",
        Error, "none", "The client's handshake was dropped: it tries again after 1, 3, 7 s.");

    public static MachineRule MemoryLimit { get; } = new("M401", "memory limit of the control group", Warning,
        "60 MB and 12.1 KB for each session, and no kill or throttling by it",
        "At memory.max the kernel ends the process; at memory.high it slows it down.");

    public static MachineRule TaskLimit { get; } = new("M402", "task limit of the control group (pids.max)", Error,
        "room for the threads of the proxy", "The runtime ends the process when it cannot start a thread.");

    public static MachineRule CpuLimit { get; } = new("M403", "CPU limit of the control group (cpu.max)", Warning,
        "a CPU for each thread of `engine.threads`, and no throttling",
        "A throttled process serves no client until the next period, mostly 100 ms.");

    public static MachineRule Overcommit { get; } = new("M404", "overcommit (vm.overcommit_memory)", Warning,
        "0 or 1", "With 2 an allocation can fail although memory is free, because the runtime reserves more than it uses.");

    public static MachineRule Swap { get; } = new("M405", "swap", Warning,
        "no page of the proxy in swap", "A session whose page is read from a disk waits for milliseconds, and its loop with it.");

    public static MachineRule LowPorts { get; } = new("M406", "right to listen on low ports (CAP_NET_BIND_SERVICE)", Error,
        "the capability for the user that runs the proxy, or a socket unit", "`run` would end at once.");

    public static MachineRule UnitDescriptors { get; } = new("M407", "descriptors of the unit (LimitNOFILE)", Warning,
        "enough for `engine.maxSessions`", "Clients beyond that wait until others leave.");

    public static MachineRule UnitStopTime { get; } = new("M408", "time to stop of the unit (TimeoutStopSec)", Warning,
        "more than `engine.drainTimeout`", "The service manager ends the proxy in the middle of its drain, and all sessions with it.");

    public static MachineRule HugePages { get; } = new("M501", "transparent huge pages", Note,
        "madvise, or never", "With always, resident memory is larger, and compaction stalls.");

    public static MachineRule Governor { get; } = new("M502", "frequency governor of the CPUs", Note,
        "performance or schedutil", "A CPU that sleeps or is slow adds latency at low load.");

    public static MachineRule Interrupts { get; } = new("M503", "interrupts of the interfaces", Warning,
        "those of several queues on different CPUs", "One CPU handles every packet, while others are idle.");

    public static MachineRule PacketSteering { get; } = new("M504", "queues and packet steering (RPS) of the interfaces", Note,
        "as many queues as CPUs, or RPS", "With fewer queues, one CPU can be full of softirq while others are idle.");

    public static MachineRule ClockSynchronised { get; } = new("M505", "clock: synchronised", Warning,
        "kept by NTP", "Times in logs are wrong, certificates fail, and overrides of operators expire at a wrong time.");

    public static MachineRule ClockPlausible { get; } = new("M506", "clock: plausible", Error,
        "not before this program was built, and not decades after it", "Certificates fail, and every stored time is wrong.");

    public static MachineRule KernelVersion { get; } = new("M507", "version of the kernel", Warning,
        "4.18 or later", "The runtime is not tested with earlier ones, and the engine needs IP_BIND_ADDRESS_NO_PORT (4.2).");

    public static MachineRule KernelFeature { get; } = new("M508", "features of the kernel that the engine uses, and does not", Ok,
        "nothing to be done", "For information only.");
}
