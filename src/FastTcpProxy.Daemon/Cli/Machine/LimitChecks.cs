using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>User, descriptors, local ports, accept queue and names, as far as a start or its sessions need them. Stateless.</summary>
internal static class LimitChecks
{
    public static IEnumerable<MachineFinding> FindUser(MachineContext context)
    {
        uint user = FileOwner.Self;
        yield return user == FileOwner.Root
            ? MachineRules.CheckedAs.Note(
                "checked as root, to whom every file and port is open; check again as the user that runs the proxy")
                .Do($"runuser -u USER -- fasttcpproxy check --machine --config {context.File}")
            : MachineRules.CheckedAs.Note(
                $"checked as user {new UserNames().Find(user)}, with the limits of this session; a unit of systemd has its own");
    }

    /// <summary>By the calculation of <c>run</c>, for the limit of the serving process, or of this one where none serves.</summary>
    public static IEnumerable<MachineFinding> FindDescriptors(MachineContext context)
    {
        (long soft, long hard) = OfProcess(context) ?? Own();
        DescriptorPlan plan = DescriptorPlan.Make(context.Configuration, hard, context.Open);
        if (plan.Fault is { } fault)
        {
            yield return MachineRules.TooFewDescriptors.Error(fault);
            yield break;
        }
        int wanted = context.SessionsMax;
        yield return MachineRules.TooFewDescriptors.Ok($"{hard} for {context.ProcessName}, of which {plan.Reserved} are reserved");
        string has = Counted.Of(hard, "descriptor") + (soft == hard ? "" : $" (soft limit {soft}, which the proxy raises)");
        string whose = context.Serving is null ? "the process" : context.ProcessName;
        yield return plan.Sessions >= wanted
            ? MachineRules.FewDescriptors.Ok($"{has}, enough for {Counted.Of(plan.Sessions, "session")}")
            : MachineRules.FewDescriptors.Warning($"{whose} may have {has}, enough for "
                + $"{Counted.Of(plan.Sessions, "session")}").Want($"{plan.NeededFor(wanted)} for {wanted}")
                .Do("raise the hard limit (LimitNOFILE, ulimit -Hn), or lower it").At(context.At("engine.maxSessions"));
    }

    /// <summary>A session with an upstream over TCP has a local port; each source address has them all once for each upstream.</summary>
    public static IEnumerable<MachineFinding> FindPorts(MachineContext context)
    {
        const string file = "/proc/sys/net/ipv4/ip_local_port_range";
        if (context.Kernel.LocalPorts is not { } range)
        {
            yield return MachineRules.FewLocalPorts.Unknown(file, context.Files.Read(file).Lack);
            yield break;
        }
        int ports = range - PortRanges.ReservedAmongLocal(context.Kernel, context.Files);
        for (int i = 0; i < context.Configuration.Services.Length; i++)
        {
            ServiceConfiguration service = context.Configuration.Services[i];
            if (service.Upstreams.All(upstream => upstream.Address.Path is not null)) continue;
            int sessions = context.SessionsMax;
            if (service.Settings.SessionsMax > 0) sessions = Math.Min(sessions, service.Settings.SessionsMax);
            long possible = (long)ports * Math.Max(service.Settings.SourceAddresses.Length, 1);
            string found = $"service {service.Name} may have {Counted.Of(sessions, "session")}, and there are local ports for "
                + $"{possible} to one address (net.ipv4.ip_local_port_range)";
            // engine.maxSessions is for all upstreams together; with the usual range it is no demand on one address.
            bool isUsual = service.Settings.SessionsMax == 0 && range >= KernelSettings.LocalPortsUsual;
            MachineFinding finding = possible >= sessions ? MachineRules.FewLocalPorts.Ok(found)
                : (isUsual ? MachineRules.FewLocalPorts.Note(found) : MachineRules.FewLocalPorts.Warning(found))
                    .Want("a wider range, more sourceAddresses, or a lower maxSessions")
                    .Sysctl("net.ipv4.ip_local_port_range", "10000 65535");
            yield return finding.At(context.At($"services[{i}]"));
        }
    }

    public static IEnumerable<MachineFinding> FindAcceptQueue(MachineContext context)
    {
        const string file = "/proc/sys/net/core/somaxconn";
        MachineRule rule = MachineRules.ShortAcceptQueue;
        yield return context.Kernel.Somaxconn is not { } queue ? rule.Unknown(file, context.Files.Read(file).Lack)
            : queue >= LimitsReport.AcceptQueueWanted ? rule.Ok($"queues of listeners hold {Counted.Of(queue, "client")}")
            : rule.Warning($"the kernel cuts the queues of listeners to {Counted.Of(queue, "client")} (net.core.somaxconn)")
                .Want($"at least {LimitsReport.AcceptQueueWanted}").Sysctl("net.core.somaxconn", LimitsReport.AcceptQueueWanted);
    }

    public static IEnumerable<MachineFinding> FindNames(MachineContext context)
    {
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < context.Configuration.Services.Length; i++)
        {
            ServiceConfiguration service = context.Configuration.Services[i];
            for (int j = 0; j < service.Upstreams.Length; j++)
            {
                foreach (string name in ResolvedNames.Of(service.Upstreams[j]).Where(seen.Add))
                {
                    MachineFinding finding = context.Names.FaultOf(name) is { } why
                        ? MachineRules.NameDoesNotResolve.Warning(
                            $"the name {name} does not resolve now ({why}), and the proxy starts without it").Want("an address")
                            .Do($"getent ahosts {name}")
                        : MachineRules.NameDoesNotResolve.Ok($"{name} resolves");
                    yield return finding.At(context.At($"services[{i}].upstreams[{j}]"));
                }
            }
        }
    }

    /// <summary>Of this process, whose soft limit is raised as <c>run</c> raises it.</summary>
    private static (long Soft, long Hard) Own()
    {
        (long soft, _, long now) = DescriptorLimit.Raise();
        return (Math.Min(soft, now), now);
    }

    /// <summary>Of the serving process (proc_pid_limits(5)); null: none serves, or it may not be looked at.</summary>
    private static (long Soft, long Hard)? OfProcess(MachineContext context)
    {
        if (context.Serving is null) return null;
        string? line = context.Files.Read($"/proc/{context.Process}/limits").Text?.Split('\n')
            .FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words is [var soft, var hard, ..] ? (NumberText.OrMax(soft), NumberText.OrMax(hard)) : null;
    }
}
