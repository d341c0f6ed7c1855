using System.Collections.Immutable;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>What a status says of the process as a whole. Immutable.</summary>
/// <param name="StartedAt">When it began to serve.</param>
/// <param name="IsStored">Whether overrides survive its exit.</param>
/// <param name="Configuration">What is in force.</param>
/// <param name="LastFailure">The reload that failed since; null: none has.</param>
/// <param name="Generations">Processes that have handed their listeners over and drain.</param>
/// <param name="Draining">Null: it does not drain.</param>
internal sealed record ProcessStatus(
    DateTimeOffset StartedAt,
    ProcessState State,
    bool IsStored,
    LoadedConfiguration Configuration,
    FailedReload? LastFailure,
    ImmutableArray<GenerationDocument> Generations,
    DrainState? Draining = null)
{
    /// <summary>What is wrong with the process itself, a line for each problem; empty without one.</summary>
    public ImmutableArray<string> Trouble { get; init; } = [];

    /// <summary>Processes that drain beside <see cref="Generations"/>.</summary>
    public int GenerationsMore { get; init; }
}
