using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Memory of TCP, of the machine and of the proxy in swap. Stateless.</summary>
internal static class MemoryChecks
{
    private const long WindowWanted = 1 << 20;

    private const string Ipv4 = "/proc/sys/net/ipv4/", Memory = "/proc/meminfo";

    public static IEnumerable<MachineFinding> FindTcp(MachineContext context)
    {
        const string file = Ipv4 + "tcp_mem";
        KernelSettings kernel = context.Kernel;
        long[]? receive = kernel.Numbers(Ipv4 + "tcp_rmem"), send = kernel.Numbers(Ipv4 + "tcp_wmem");
        MachineRule rule = MachineRules.TcpMemory;
        if (kernel.Numbers(file) is not [_, var pressure, var max])
        {
            yield return rule.Unknown(file, context.Files.Read(file).Lack);
        }
        else if (SocketStatistics.Tcp(context.Files, "mem") is not { } used)
        {
            yield return rule.Unknown(SocketStatistics.File, context.Files.Read(SocketStatistics.File).Lack);
        }
        else
        {
            string found = $"{Pages(used)} in use of {Pages(max)}; pressure from {Pages(pressure)} on";
            long worst = receive is [_, _, var r] && send is [_, _, var s] ? (r + s) / Environment.SystemPageSize * context.SessionsMax : 0;
            yield return used >= max * 0.8 ? rule.Error(found).Do("ss -tnm    # which sockets hold it", "lower engine.maxSessions")
                : used >= pressure ? rule.Warning(found).Do("ss -tnm    # which sockets hold it", "lower engine.maxSessions")
                : worst > pressure ? rule.Note($"{found}; {Counted.Of(context.SessionsMax, "session")} whose peers do not read could hold "
                    + Pages(worst)).Want("where strangers connect, less than the pressure")
                    .Sysctl("net.ipv4.tcp_rmem", "4096 131072 1048576").Do("sysctl -w net.ipv4.tcp_rmem='4096 131072 1048576'",
                        "sysctl -w net.ipv4.tcp_wmem='4096 16384 1048576'", "or lower engine.maxSessions")
                : rule.Ok(found);
        }
        yield return OfBuffer(context, "tcp_rmem", "4096 131072", receive);
        yield return OfBuffer(context, "tcp_wmem", "4096 16384", send);
    }

    public static IEnumerable<MachineFinding> FindMachine(MachineContext context)
    {
        KernelSettings kernel = context.Kernel;
        const string file = "/proc/sys/vm/overcommit_memory";
        MachineRule rule = MachineRules.Overcommit;
        yield return kernel.Number(file) switch
        {
            null => rule.Unknown(file, context.Files.Read(file).Lack),
            2 => rule.Warning(kernel.Field(Memory, "CommitLimit") is { } limit && kernel.Field(Memory, "Committed_AS") is { } now
                ? $"strict: {NumberText.Bytes(now << 10)} are promised of {NumberText.Bytes(limit << 10)}" : "strict")
                .Sysctl("vm.overcommit_memory", 0),
            var mode => rule.Ok($"vm.overcommit_memory is {mode}"),
        };
        rule = MachineRules.Swap;
        if (kernel.Field(Memory, "SwapTotal") is not { } swap) yield return rule.Unknown(Memory, context.Files.Read(Memory).Lack);
        else if (swap == 0) yield return rule.Ok("the machine has none");
        else
        {
            long free = kernel.Field(Memory, "SwapFree") ?? swap;
            string found = $"{NumberText.Bytes(swap - free << 10)} of {NumberText.Bytes(swap << 10)} in use";
            long? own = context.Serving is null ? null : kernel.Field($"/proc/{context.Process}/status", "VmSwap");
            yield return own > 0
                ? rule.Warning($"{NumberText.Bytes(own.Value << 10)} of {context.ProcessName} are in swap; {found}")
                    .Do("systemctl edit fasttcpproxy    # [Service] MemorySwapMax=0", "sysctl -w vm.swappiness=1")
                : swap - free > swap / 2
                    ? rule.Note(found).Want("little, since the proxy can be next").Sysctl("vm.swappiness", 1)
                    : rule.Ok(found);
        }
    }

    private static MachineFinding OfBuffer(MachineContext context, string name, string before, long[]? numbers)
    {
        MachineRule rule = MachineRules.SocketBuffers;
        if (numbers is not [_, _, var max]) return rule.Unknown(Ipv4 + name, context.Files.Read(Ipv4 + name).Lack);
        string found = $"net.ipv4.{name}: at most {NumberText.Bytes(max)} for each socket";
        return max >= WindowWanted ? rule.Ok(found) : rule.Warning(found).Sysctl($"net.ipv4.{name}", $"{before} 4194304");
    }

    private static string Pages(long pages) => NumberText.Bytes(pages * Environment.SystemPageSize);
}
