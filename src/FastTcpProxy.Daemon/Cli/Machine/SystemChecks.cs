using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>The clock, and what this kernel can do. Stateless.</summary>
internal static class SystemChecks
{
    private const string Release = "/proc/sys/kernel/osrelease";

    private static readonly TimeSpan PlausibleFor = TimeSpan.FromDays(20 * 365);

    private static readonly Version Oldest = new(4, 18);

    /// <summary>What a proxy can use of the kernel, since which version there is such a thing, and what the engine does with it.</summary>
    private static readonly ImmutableArray<(string Name, Version Since, string Use)> Features =
    [
        ("splice", new(2, 6, 17), "used for sustained streams"),
        ("SO_REUSEPORT", new(3, 9), "used: a listening socket for each thread"),
        ("IP_BIND_ADDRESS_NO_PORT", new(4, 2), "used with sourceAddresses"),
        ("TCP_USER_TIMEOUT", new(2, 6, 37), "used by default (keepAlive, tcpUserTimeout)"),
        ("linear SYN timeouts", new(6, 5), "used by the kernel itself: a lost SYN costs one second, up to four times"),
        ("MSG_ZEROCOPY", new(4, 14), "not used: what is sent in large amounts is spliced"),
        ("io_uring", new(5, 1), "not used: the sockets are driven by epoll"),
        ("TCP_DEFER_ACCEPT", new(2, 4), "not used: protocols in which the server speaks first would wait"),
        ("TCP_FASTOPEN", new(3, 7), "not used, neither by listeners nor towards upstreams"),
        ("SO_BUSY_POLL", new(3, 11), "not used; net.core.busy_poll holds for all sockets"),
        ("SO_INCOMING_CPU", new(3, 19), "not used: the kernel spreads clients over the threads by hash"),
    ];

    public static IEnumerable<MachineFinding> FindClock(MachineContext context)
    {
        MachineRule rule = MachineRules.ClockSynchronised;
        yield return context.Clock switch
        {
            null => rule.Unknown("adjtimex(2)", FileLack.Missing),
            { IsSynchronised: false } => rule.Warning("the kernel's clock is not synchronised")
                .Do("timedatectl set-ntp true", "chronyc tracking    # or: timedatectl timesync-status"),
            { ErrorMaxMs: var error } =>
                rule.Ok(string.Create(CultureInfo.InvariantCulture, $"synchronised, with an error of at most {error:0.#} ms")),
        };
        rule = MachineRules.ClockPlausible;
        string now = context.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";
        bool isEarly = context.UtcNow < context.BuiltAt.AddDays(-1);
        yield return isEarly || context.UtcNow > context.BuiltAt + PlausibleFor
            ? rule.Error($"the clock shows {now}, and this program was built "
                + context.BuiltAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Do("timedatectl set-ntp true")
            : rule.Ok($"the clock shows {now}");
    }

    public static IEnumerable<MachineFinding> FindKernel(MachineContext context)
    {
        FileText release = context.Files.Read(Release);
        MachineRule rule = MachineRules.KernelVersion;
        if (VersionOf(release.Text) is not { } version)
        {
            yield return rule.Unknown(Release, release.Lack);
            yield break;
        }
        string text = release.Text!.Trim();
        yield return version >= Oldest ? rule.Ok(text) : rule.Warning(text).Do("a newer kernel of the distribution");
        foreach ((string name, Version since, string use) in Features)
        {
            string has = version < since ? $"this kernel has none (since {since})" : "there";
            if (name == "io_uring" && context.Kernel.Number("/proc/sys/kernel/io_uring_disabled") is > 0) has = "switched off";
            yield return MachineRules.KernelFeature.Ok($"{name}: {has}; {use}");
        }
    }

    /// <summary>The numbers at the beginning of "6.1.0-13-amd64".</summary>
    private static Version? VersionOf(string? release)
    {
        string numbers = new([.. (release ?? "").Trim().TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        string[] parts = numbers.Split('.', StringSplitOptions.RemoveEmptyEntries);
        return Version.TryParse(string.Join('.', parts.Take(3)), out Version? version) ? version : null;
    }
}
