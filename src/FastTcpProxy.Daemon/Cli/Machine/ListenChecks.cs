using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// What a start binds and opens, by the rules of <c>run</c>: addresses of services and of the administrative interface, source addresses,
/// the state directory. Sockets are bound for a moment and never listened on, so no client can get into them; nothing is made, locked or
/// written. One task; lives for one check.
/// </summary>
internal sealed class ListenChecks(MachineContext context)
{
    private readonly ImmutableArray<MachineFinding>.Builder _findings = ImmutableArray.CreateBuilder<MachineFinding>();
    private readonly KernelSettings _kernel = context.Kernel;

    public static IEnumerable<MachineFinding> Find(MachineContext context)
    {
        ListenChecks checks = new(context);
        checks.CheckListeners();
        if (context.Configuration.Admin is { } admin) checks.CheckAdmin(admin);
        return checks._findings;
    }

    private void CheckListeners()
    {
        ImmutableArray<ActiveService> services = new ServiceComposer(context.Configuration).Services;
        for (int i = 0; i < services.Length; i++)
        {
            ImmutableArray<ListenAddress> addresses = new PlannedService(services[i], services[i].Configuration).ToListenPlan().Listen;
            for (int j = 0; j < addresses.Length; j++)
                CheckListener(addresses[j], $"services[{i}].listen[{j}]", MachineRules.CannotListen);
            ImmutableArray<InetEndPoint> sources = services[i].Configuration.Settings.SourceAddresses;
            for (int j = 0; j < sources.Length; j++)
                CheckSource(sources[j].ToIPEndPoint(), $"services[{i}].sourceAddresses[{j}]");
        }
    }

    private void CheckAdmin(AdminConfiguration admin)
    {
        if (admin.Socket is { } path)
            CheckListener(new ListenAddress(path, admin.SocketPermissions), "admin.socket", MachineRules.NoAdmin);
        for (int i = 0; i < admin.Listen.Length; i++)
        {
            CheckListener(new ListenAddress(admin.Listen[i].EndPoint!, admin.Listen[i].DualStack), $"admin.listen[{i}]",
                MachineRules.NoAdmin);
        }
        CheckCertificate(admin);
        if (admin.StateDirectory is not { } folder) return;
        if (StateDirectoryTrial.FindObstacle(folder, out int holder) is not { } why)
            Add(MachineRules.NoState.Ok($"{folder} can be used"), "admin.stateDirectory");
        else if (holder > 0 && context.Serving?.Pids.Contains(holder) == true)
            Held("admin.stateDirectory", folder);
        else
            Add(MachineRules.NoState.Error(why), "admin.stateDirectory");
    }

    /// <summary>The proxy starts with one that is out of its time, and every client over TCP refuses it.</summary>
    private void CheckCertificate(AdminConfiguration admin)
    {
        if (admin.CertificateFile is not { } path) return;
        try
        {
            // The first one is the listeners' own.
            Add(CertificateComplaints.OutOfTime(CertificateFiles.Shared.Authorities(path)[0], context.UtcNow) is { } why
                ? MachineRules.CertificateOutOfTime.Warning($"{path}: {why}, and clients over TCP refuse it")
                    .Want("one that is valid now").Do("replace it, then start again, or run --take-over")
                : MachineRules.CertificateOutOfTime.Ok($"{path} is valid now"), "admin.certFile");
        }
        catch (CertificateFileException e)
        {
            Add(MachineRules.NoAdmin.Error(e.Message), "admin.certFile");
        }
    }

    private void CheckListener(ListenAddress address, string key, MachineRule rule)
    {
        if (address.Permissions.Group is { } group && FileOwner.Self != FileOwner.Root && _kernel.Group != group.Id
            && !_kernel.Groups.Contains(group.Id))
            Add(MachineRules.NotInGroup.Error($"the group \"{group.Text}\" cannot be given to the file of {address}; the process must be a "
                + "member of it, or root").Do("SupplementaryGroups= of the unit, or usermod -aG"), key);
        bool isIpv6 = address.EndPoint is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 };
        if (ListenTrial.FindObstacle(address, besideOwn: false) is not { } why)
        {
            Add(isIpv6 && _kernel.IsIpv6Off
                ? MachineRules.NoIpv6.Warning($"{address}: IPv6 is off on this machine, so no IPv6 client comes")
                    .Want("net.ipv6.conf.all.disable_ipv6=0, or an IPv4 address").Sysctl("net.ipv6.conf.all.disable_ipv6", 0)
                : rule.Ok($"{address} can be listened on"), key);
            return;
        }
        IReadOnlyList<PortHolder> holders = address.EndPoint is IPEndPoint tcp ? PortHolder.Find(tcp) : PortHolder.Find(address.UnixPath!);
        if (context.Serving is { } serving && (key == "admin.socket" || serving.Holds(address.Text, holders)))
            Held(key, address.Text);
        else if (context.ProxyFault is not null && holders.Count > 0 && holders.All(holder => holder.Pid == 0))
            Add(rule.Note($"not known: {address} is listened on by a process of another user, which may be the proxy that did not answer")
                with { IsKnown = false }, key);
        else
            Add(Obstacle(rule, why, isIpv6, holders), key);
    }

    private MachineFinding Obstacle(MachineRule rule, string why, bool isIpv6, IReadOnlyList<PortHolder> holders)
    {
        if (holders.Count > 0)
        {
            // A proxy of this configuration that answers has been asked, and its address is no error.
            string mend = holders.FirstOrDefault(h => h.Name == ProgramFile.Name) is { } other
                ? string.Create(CultureInfo.InvariantCulture,
                    $"kill -HUP {other.Pid} if it serves this configuration and its admin.socket was deleted, which binds it again; else ")
                : "";
            return rule.Error($"{why}; it is listened on by {string.Join(", ", holders)}")
                .Do($"{mend}stop it, or choose another address");
        }
        if (why.Contains("CAP_NET_BIND_SERVICE", StringComparison.Ordinal))
            return rule.Error($"{why} (ports from {_kernel.FirstUnprivilegedPort} on are open to all users)")
                .Do("let systemd give it (AmbientCapabilities=), or listen itself (fasttcpproxy.socket)");
        return rule.Error(isIpv6 && _kernel.IsIpv6Off
            ? why + "; IPv6 is off on this machine (net.ipv6.conf.all.disable_ipv6, or ipv6.disable of the kernel)"
            : why);
    }

    private void CheckSource(IPEndPoint source, string key) => Add(
        ListenTrial.FindObstacle(new ListenAddress(source), besideOwn: false) is null
            ? MachineRules.NoSourceAddress.Ok($"{source.Address} is an address of this machine")
            : MachineRules.NoSourceAddress.Warning($"{source.Address} is no address of this machine, and every connect from it will fail")
                .Want("one that `ip address` shows").Do($"ip address add {source.Address} dev DEV, or remove it"), key);

    private void Held(string key, string what) => Add(MachineRules.HeldByTheProxy.Note($"{what} is in use by the proxy that serves here "
        + $"(process {context.Serving!.Pid}), which a reload keeps and run --take-over hands over"), key);

    private void Add(MachineFinding finding, string key) => _findings.Add(finding.At(context.At(key)));
}
