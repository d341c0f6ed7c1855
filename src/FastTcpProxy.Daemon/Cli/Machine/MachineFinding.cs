namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Something that this machine, and not the file, has in store for <c>run</c>. Immutable.</summary>
/// <param name="Code">One of <see cref="MachineCodes"/>.</param>
/// <param name="Severity">What it does to a start.</param>
/// <param name="Message">What is so, where the file asks for it, and what to do: one line.</param>
internal sealed record MachineFinding(string Code, MachineSeverity Severity, string Message)
{
    /// <summary>As it is printed: like a problem of the file, but its place is the machine.</summary>
    public override string ToString() => $"machine: {Word} {Code}: {Message}";

    private string Word => Severity switch
    {
        MachineSeverity.Error => "error",
        MachineSeverity.Warning => "warning",
        _ => "note",
    };
}

/// <summary>What a finding does to a start.</summary>
internal enum MachineSeverity
{
    /// <summary>It is as it should be, and worth knowing.</summary>
    Note,

    /// <summary>The proxy starts, and does less than the file says.</summary>
    Warning,

    /// <summary><c>run</c> would end at once.</summary>
    Error,
}
