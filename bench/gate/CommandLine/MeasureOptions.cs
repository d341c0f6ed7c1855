using System.CommandLine;
using System.Globalization;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.CommandLine;

/// <summary>The options that say how much is measured, which all commands share. Used by the main thread.</summary>
internal sealed class MeasureOptions
{
    private readonly Option<int> _processes = Bounded(
        "--processes", "Processes of each build, one after the other", GateOptions.ProcessesDefault, Judge.PairsMin,
        GateOptions.ProcessesMax);

    private readonly Option<int> _rounds = Bounded("--rounds", "Rounds of each process", GateOptions.RoundsDefault, 1,
        GateOptions.RoundsMax);

    private readonly Option<double> _seconds = Bounded(
        "--seconds", "Seconds of a round", GateOptions.SecondsDefault, GateOptions.SecondsMin, GateOptions.SecondsMax);

    private readonly Option<int> _starts = Bounded("--starts", "Starts of each build, in turns", GateOptions.StartsDefault, Judge.PairsMin,
        GateOptions.StartsMax);

    private readonly Option<bool> _native =
        new("--native") { Description = "Publishes the native binaries too, which takes minutes, and compares their sizes." };

    public void AddTo(Command command)
    {
        command.Options.Add(_processes);
        command.Options.Add(_rounds);
        command.Options.Add(_seconds);
        command.Options.Add(_starts);
        command.Options.Add(_native);
    }

    public GateOptions Read(ParseResult result) => new()
    {
        Processes = result.GetValue(_processes), Rounds = result.GetValue(_rounds), Seconds = result.GetValue(_seconds),
        Starts = result.GetValue(_starts),
        Native = result.GetValue(_native),
    };

    public static string[] ToArguments(GateOptions options) =>
    [
        "--processes", options.Processes.ToString(CultureInfo.InvariantCulture), "--rounds",
        options.Rounds.ToString(CultureInfo.InvariantCulture),
        "--seconds", options.Seconds.ToString(CultureInfo.InvariantCulture),
        "--starts", options.Starts.ToString(CultureInfo.InvariantCulture), .. options.Native ? ["--native"] : Array.Empty<string>(),
    ];

    private static Option<T> Bounded<T>(string name, string description, T byDefault, T min, T max)
        where T : IComparable<T>
    {
        string bounds = string.Create(CultureInfo.InvariantCulture, $"{min} to {max}");
        Option<T> option = new(name) { Description = $"{description}: {bounds}.", DefaultValueFactory = _ => byDefault };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is { } value && (value.CompareTo(min) < 0 || value.CompareTo(max) > 0))
                result.AddError($"{name}: expected {bounds}");
        });
        return option;
    }
}
