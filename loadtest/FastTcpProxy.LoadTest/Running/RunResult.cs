using System.Collections.Immutable;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>
/// All that is known of a run when it is over: what reports, thresholds and comparisons are made of. Immutable, and what JSON reports hold.
/// </summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Proxy">What was put to the test, with its version.</param>
/// <param name="Machine">CPU, cores, kernel, runtime.</param>
/// <param name="Command">The command that repeats it.</param>
/// <param name="Phases">Each series in each phase, in the order in which they began; the arrivals are the series "clients", and their phase
/// "all" is the sum.</param>
/// <param name="Figures">What is no latency, in the order of their names.</param>
/// <param name="Seconds">The arrivals by the second in which they were to begin.</param>
/// <param name="Samples">The proxy's process, second by second.</param>
public sealed record RunResult(
    string Scenario,
    string Summary,
    string Proxy,
    string Machine,
    string Command,
    DateTimeOffset StartedAt,
    double DurationSeconds,
    ImmutableArray<PhaseResult> Phases,
    ImmutableArray<FigureResult> Figures,
    ImmutableArray<SecondResult> Seconds,
    ImmutableArray<ProcessSample> Samples,
    ImmutableArray<string> Notes);

/// <summary>
/// A series in a phase. Latencies are from the intended start, of the steps that were served; null: none was, or the runner cannot tell.
/// </summary>
/// <param name="Series">"clients", or whose observations these are.</param>
/// <param name="BeginSeconds">When the phase began.</param>
/// <param name="Fates">How many had each fate, by its name in snake_case, those with none left out.</param>
/// <param name="LastSlowSeconds">How long after the phase's begin the last step was to begin that took longer than a quarter of a second,
/// or failed: the time to recover; 0: none did; null: the runner cannot tell.</param>
public sealed record PhaseResult(
    string Series,
    string Phase,
    double BeginSeconds,
    double EndSeconds,
    long Count,
    long Errors,
    ImmutableSortedDictionary<string, long> Fates,
    double? MinMs,
    double? MeanMs,
    double? P50Ms,
    double? P90Ms,
    double? P99Ms,
    double? P999Ms,
    double? MaxMs,
    long Bytes,
    double? LastSlowSeconds);

/// <summary>One figure: name, value, unit.</summary>
public sealed record FigureResult(string Name, double Value, string Unit);

/// <summary>The arrivals of one second; latencies are null where none was served.</summary>
public sealed record SecondResult(int Second, string Phase, long Count, long Errors, double? P50Ms, double? P99Ms, double? MaxMs);

/// <summary>The proxy's process at a time: memory, processor, descriptors.</summary>
/// <param name="Cores">Cores that it kept busy since the sample before.</param>
public sealed record ProcessSample(double Second, long ResidentBytes, double Cores, int Descriptors);
