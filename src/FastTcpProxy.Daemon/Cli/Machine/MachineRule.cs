using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// Something of the machine that <c>check --machine</c> or <c>doctor</c> looks at. A code keeps its meaning for ever and is not reused. The
/// documents are made from the table of them (<see cref="MachineRules"/>). Immutable.
/// </summary>
/// <param name="Code">"M104".</param>
/// <param name="What">What is looked at, in a few words.</param>
/// <param name="Worst">The greatest severity of its findings.</param>
/// <param name="Wanted">How it should be.</param>
/// <param name="Why">What happens otherwise: a sentence.</param>
internal sealed record MachineRule(string Code, string What, MachineSeverity Worst, string Wanted, string Why)
{
    /// <summary>It is as wanted.</summary>
    public MachineFinding Ok(string found) => new(this, MachineSeverity.Ok, found);

    public MachineFinding Note(string found) => new(this, MachineSeverity.Note, found);

    public MachineFinding Warning(string found) => new(this, MachineSeverity.Warning, found);

    public MachineFinding Error(string found) => new(this, MachineSeverity.Error, found);

    /// <summary>The machine does not say: never taken for good.</summary>
    /// <param name="path">What would say it.</param>
    /// <param name="lack">Why it does not.</param>
    public MachineFinding Unknown(string path, FileLack lack) =>
        new(this, MachineSeverity.Note, lack == FileLack.Denied ? $"not known: needs root ({path})" : $"not known: there is no {path} here")
        {
            IsKnown = false,
        };
}
