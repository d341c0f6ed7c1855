using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// Looks at what <c>run</c> would need of this machine, by the rules of <c>run</c>, and leaves everything as it is: sockets are bound for a
/// moment and never listened on, so no client can get into them; nothing is made, locked or written. One task; lives for one check.
/// </summary>
/// <param name="configuration">Valid.</param>
/// <param name="text">Of the file, for the places of keys.</param>
/// <param name="file">Its name, as it was given.</param>
/// <param name="serving">The proxy that serves already; null: none.</param>
internal sealed class MachineCheck(ProxyConfiguration configuration, byte[] text, string file, ServingProxy? serving)
{
    private readonly ImmutableArray<MachineFinding>.Builder _findings = ImmutableArray.CreateBuilder<MachineFinding>();

    /// <summary>All that is to be said, errors first.</summary>
    public async Task<ImmutableArray<MachineFinding>> FindAsync()
    {
        CheckUser();
        CheckListeners();
        if (configuration.Admin is { } admin) CheckAdmin(admin);
        if (LogTrial.FindObstacle(configuration.Log.Target) is { } log)
            Add(MachineCodes.NoLog, MachineSeverity.Error, log + At("log.target"));
        foreach ((LogTarget target, string key) in (ReadOnlySpan<(LogTarget, string)>)
            [(configuration.Log.Target, "log.target"), (configuration.Log.Events.Target, "log.events.target")])
        {
            if (target is { Kind: LogTargetKind.Syslog, Path: { } socket } && !UnixSocketFile.IsSocket(socket))
                Add(MachineCodes.NoSyslog, MachineSeverity.Warning, $"{socket} is no socket now, and what is logged waits for it, "
                    + "expected a syslog server that listens there" + At(key));
        }
        CheckDescriptors();
        CheckPorts();
        if (LimitsReport.ReadSomaxconn() is { } queue && queue < LimitsReport.AcceptQueueWanted)
            Add(MachineCodes.ShortAcceptQueue, MachineSeverity.Warning, $"the kernel cuts the queues of listeners to "
                + $"{Counted.Of(queue, "client")} (net.core.somaxconn), expected at least {LimitsReport.AcceptQueueWanted}: "
                + "sysctl -w net.core.somaxconn=4096");
        await CheckNamesAsync();
        return [.. _findings.OrderByDescending(finding => finding.Severity)];
    }

    private void CheckUser()
    {
        uint user = FileOwner.Self;
        Add(MachineCodes.CheckedAs, MachineSeverity.Note, user == FileOwner.Root
            ? "checked as root, to whom every file and port is open; check again as the user that runs the proxy: "
                + $"runuser -u USER -- fasttcpproxy check --machine --config {file}"
            : $"checked as user {new UserNames().Find(user)}, with the limits of this session; a unit of systemd has its own");
    }

    private void CheckListeners()
    {
        ImmutableArray<ActiveService> services = new ServiceComposer(configuration).Services;
        for (int i = 0; i < services.Length; i++)
        {
            ImmutableArray<ListenAddress> addresses = new PlannedService(services[i], services[i].Configuration).ToListenPlan().Listen;
            for (int j = 0; j < addresses.Length; j++)
                CheckListener(addresses[j], $"services[{i}].listen[{j}]", MachineCodes.CannotListen);
            ImmutableArray<ProxyProtocol.InetEndPoint> sources = services[i].Configuration.Settings.SourceAddresses;
            for (int j = 0; j < sources.Length; j++)
                CheckSource(sources[j].ToIPEndPoint(), $"services[{i}].sourceAddresses[{j}]");
        }
    }

    private void CheckAdmin(AdminConfiguration admin)
    {
        if (admin.Socket is { } path)
            CheckListener(new ListenAddress(path, admin.SocketPermissions), "admin.socket", MachineCodes.NoAdmin);
        for (int i = 0; i < admin.Listen.Length; i++)
        {
            CheckListener(new ListenAddress(admin.Listen[i].EndPoint!, admin.Listen[i].DualStack), $"admin.listen[{i}]",
                MachineCodes.NoAdmin);
        }
        CheckCertificate(admin);
        if (admin.StateDirectory is not { } folder || StateDirectoryTrial.FindObstacle(folder, out int holder) is not { } why) return;
        if (holder > 0 && serving?.Pids.Contains(holder) == true)
            Held("admin.stateDirectory", folder);
        else
            Add(MachineCodes.NoState, MachineSeverity.Error, why + At("admin.stateDirectory"));
    }

    /// <summary>The proxy starts with one that is out of its time, and every client over TCP refuses it.</summary>
    private void CheckCertificate(AdminConfiguration admin)
    {
        if (admin.CertificateFile is not { } path) return;
        try
        {
            // The first one is the listeners' own.
            if (CertificateComplaints.OutOfTime(CertificateFiles.Shared.Authorities(path)[0], DateTime.UtcNow) is { } why)
                Add(MachineCodes.CertificateOutOfTime, MachineSeverity.Warning, $"{path}: {why}, and clients over TCP refuse it, expected "
                    + "one that is valid now, and then a start or run --take-over" + At("admin.certFile"));
        }
        catch (CertificateFileException e)
        {
            Add(MachineCodes.NoAdmin, MachineSeverity.Error, e.Message + At("admin.certFile"));
        }
    }

    private void CheckListener(ListenAddress address, string key, string code)
    {
        if (address.Permissions.Group is { } group && FileOwner.Self != FileOwner.Root && KernelSettings.Group != group.Id
            && !KernelSettings.Groups.Contains((int)group.Id))
            Add(MachineCodes.NotInGroup, MachineSeverity.Error, $"the group \"{group.Text}\" cannot be given to the file of {address}; "
                + "the process must be a member of it (systemd: SupplementaryGroups=), or root" + At(key));
        string? why = ListenTrial.FindObstacle(address, besideOwn: false);
        IPEndPoint? tcp = address.EndPoint as IPEndPoint;
        if (why is null)
        {
            if (tcp?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && KernelSettings.IsIpv6Off)
                Add(MachineCodes.NoIpv6, MachineSeverity.Warning, $"{address}: IPv6 is off on this machine, so no IPv6 client comes, "
                    + "expected net.ipv6.conf.all.disable_ipv6=0, or an IPv4 address" + At(key));
            return;
        }
        IReadOnlyList<PortHolder> holders = tcp is null ? [] : PortHolder.Find(tcp);
        bool isOwn = serving is not null
            && (tcp is null ? key == "admin.socket" || serving.Listen.Contains(address.Text) : serving.Holds(address.Text, holders));
        if (isOwn)
        {
            Held(key, address.Text);
            return;
        }
        if (holders.Count > 0) why += $"; it is listened on by {string.Join(", ", holders)}: stop it, or choose another address";
        else if (why.Contains("CAP_NET_BIND_SERVICE", StringComparison.Ordinal))
            why += $" (ports from {KernelSettings.FirstUnprivilegedPort} on are open to all users); let systemd give it "
                + "(AmbientCapabilities=), or listen itself (fasttcpproxy.socket)";
        else if (tcp?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && KernelSettings.IsIpv6Off)
            why += "; IPv6 is off on this machine (net.ipv6.conf.all.disable_ipv6, or ipv6.disable of the kernel)";
        Add(code, MachineSeverity.Error, why + At(key));
    }

    private void CheckSource(IPEndPoint source, string key)
    {
        if (ListenTrial.FindObstacle(new ListenAddress(source), besideOwn: false) is not null)
            Add(MachineCodes.NoSourceAddress, MachineSeverity.Warning, $"{source.Address} is no address of this machine, and every connect "
                + "from it will fail, expected one that `ip address` shows" + At(key));
    }

    private void CheckDescriptors()
    {
        long limit = DescriptorLimit.Raise().Now;
        int open = DescriptorLimit.CountOpen();
        DescriptorPlan plan = DescriptorPlan.Make(configuration, limit, open);
        if (plan.Fault is { } fault)
        {
            Add(MachineCodes.TooFewDescriptors, MachineSeverity.Error, fault);
            return;
        }
        int sessions = DescriptorLimit.SessionCapacity(limit, open + plan.Reserved), wanted = configuration.Engine.MaxSessions;
        if (sessions < wanted)
            Add(MachineCodes.FewDescriptors, MachineSeverity.Warning, $"the process may have {limit} descriptors, enough for "
                + $"{Counted.Of(sessions, "session")}, expected {LimitsReport.DescriptorsNeeded(limit, sessions, wanted)} for "
                + $"{wanted}: raise the hard limit (LimitNOFILE, ulimit -Hn), or lower it" + At("engine.maxSessions"));
    }

    /// <summary>A session with an upstream over TCP has a local port; each source address has them all once for each upstream.</summary>
    private void CheckPorts()
    {
        if (KernelSettings.LocalPorts is not { } ports) return;
        for (int i = 0; i < configuration.Services.Length; i++)
        {
            ServiceConfiguration service = configuration.Services[i];
            int sessions = configuration.Engine.MaxSessions;
            if (service.Settings.SessionsMax > 0) sessions = Math.Min(sessions, service.Settings.SessionsMax);
            long possible = (long)ports * Math.Max(service.Settings.SourceAddresses.Length, 1);
            if (possible < sessions && service.Upstreams.Any(upstream => upstream.Address.Path is null))
            {
                // engine.maxSessions is for all upstreams together; with the usual range it is no demand on one address.
                bool isUsual = service.Settings.SessionsMax == 0 && ports >= KernelSettings.LocalPortsUsual;
                Add(MachineCodes.FewLocalPorts, isUsual ? MachineSeverity.Note : MachineSeverity.Warning,
                    $"service {service.Name} may have {Counted.Of(sessions, "session")}, and there are local ports for "
                    + $"{possible} to one address (net.ipv4.ip_local_port_range), expected a wider range, more "
                    + "sourceAddresses, or a lower maxSessions" + At($"services[{i}]"));
            }
        }
    }

    private async Task CheckNamesAsync()
    {
        var names = configuration.Services.SelectMany((service, i) => service.Upstreams.SelectMany((upstream, j) => Names(upstream)
            .Select(name => (Name: name, Key: $"services[{i}].upstreams[{j}]")))).DistinctBy(entry => entry.Name).ToArray();
        string?[] faults = await Task.WhenAll(names.Select(entry => ResolveAsync(entry.Name)));
        for (int i = 0; i < names.Length; i++)
        {
            if (faults[i] is { } why)
                Add(MachineCodes.NameDoesNotResolve, MachineSeverity.Warning, $"the name {names[i].Name} does not resolve now ({why}), and "
                    + $"the proxy starts without it, expected an address: getent ahosts {names[i].Name}" + At(names[i].Key));
        }
    }

    private static IEnumerable<string> Names(UpstreamConfiguration upstream)
    {
        if (upstream.Address.DnsName is { } name) yield return name;
        if (upstream.HealthCheck?.Url is { HostNameType: UriHostNameType.Dns } url) yield return url.Host;
        if (upstream.HealthCheck?.Address?.DnsName is { } checkedName) yield return checkedName;
    }

    /// <summary>Why it has no address within the time that a start waits for it; or null.</summary>
    private static async Task<string?> ResolveAsync(string name)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(name).WaitAsync(RunningProxy.ResolveWait);
            return found.Length > 0 ? null : "it has no address";
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or TimeoutException)
        {
            return e is TimeoutException ? $"no answer within {RunningProxy.ResolveWait.TotalSeconds:0} s" : e.Message;
        }
    }

    private void Held(string key, string what) => Add(MachineCodes.HeldByTheProxy, MachineSeverity.Note,
        $"{what} is in use by the proxy that serves here (process {serving!.Pid}), which a reload keeps and run --take-over hands over"
        + At(key));

    private string At(string key)
    {
        (int line, int column) = ConfigurationPlaces.Find(text, key);
        return $" ({key}, {file}:{line}:{column})";
    }

    private void Add(string code, MachineSeverity severity, string message) => _findings.Add(new MachineFinding(code, severity, message));
}
