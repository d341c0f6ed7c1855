using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>What was found about one <see cref="MachineRule"/>. Immutable.</summary>
/// <param name="Rule">What was looked at.</param>
/// <param name="Severity">What it does to a proxy with this configuration.</param>
/// <param name="Found">How it is: a part of a sentence.</param>
internal sealed record MachineFinding(MachineRule Rule, MachineSeverity Severity, string Found)
{
    /// <summary>How it should be, where the rule alone does not say it.</summary>
    public string? Wanted { get; init; }

    /// <summary>How to change it: commands that can be typed, or what to do; empty where nothing is to be done.</summary>
    public ImmutableArray<string> Change { get; init; } = [];

    /// <summary>The key of the configuration that asks for it, and its place: "services[0].listen[1], proxy.json:3:14".</summary>
    public string? Place { get; init; }

    /// <summary>False: the machine does not say, or not to this user.</summary>
    public bool IsKnown { get; init; } = true;

    /// <summary>How <c>check --machine</c> prints it: like a problem of the file, but its place is the machine.</summary>
    public override string ToString() => $"machine: {SeverityWord} {Rule.Code}: {Found}"
        + (Wanted is { } wanted ? $", expected {wanted}" : "")
        + (Change.IsEmpty ? "" : ": " + Change[0])
        + (Place is { } place ? $" ({place})" : "");

    public string SeverityWord => WordOf(Severity);

    /// <summary>"warning".</summary>
    public static string WordOf(MachineSeverity severity) => severity switch
    {
        MachineSeverity.Error => "error",
        MachineSeverity.Warning => "warning",
        MachineSeverity.Note => "note",
        _ => "ok",
    };

    /// <summary>The same with what makes a sysctl take effect now, and after the next boot.</summary>
    public MachineFinding Sysctl(string name, string value) =>
        this with { Change = [$"sysctl -w {name}='{value}'", $"echo '{name} = {value}' >> /etc/sysctl.d/90-fasttcpproxy.conf"] };

    /// <inheritdoc cref="Sysctl(string, string)"/>
    public MachineFinding Sysctl(string name, long value) => this with
    {
        Change = [$"sysctl -w {name}={value}", $"echo '{name} = {value}' >> /etc/sysctl.d/90-fasttcpproxy.conf"],
    };

    public MachineFinding Want(string wanted) => this with { Wanted = wanted };

    public MachineFinding Do(params ImmutableArray<string> change) => this with { Change = change };

    public MachineFinding At(string place) => this with { Place = place };
}

/// <summary>What a finding does to a proxy.</summary>
internal enum MachineSeverity
{
    /// <summary>It is as it should be.</summary>
    Ok,

    /// <summary>It is worth knowing, or not known.</summary>
    Note,

    /// <summary>The proxy serves, and does less than the file says, or will under load.</summary>
    Warning,

    /// <summary>It will hurt: <c>run</c> would end at once, or clients are lost or wait.</summary>
    Error,
}
