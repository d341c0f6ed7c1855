using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>Collects the problems of one file while it is read. One thread; owned by one call of the loader.</summary>
internal sealed class ProblemList(string file)
{
    private readonly List<(Position At, int Order, ConfigurationError Problem)> _problems = [];

    /// <summary>How many errors there are so far.</summary>
    public int Errors { get; private set; }

    public void Error(Position at, string code, string message) => Add(at, code, ConfigurationSeverity.Error, message);

    public void Warning(Position at, string code, string message) => Add(at, code, ConfigurationSeverity.Warning, message);

    /// <summary>The problems of one severity by position; what is above the bound is counted in a last entry.</summary>
    public ImmutableArray<ConfigurationError> Sorted(ConfigurationSeverity severity)
    {
        var all = _problems.Where(entry => entry.Problem.Severity == severity).OrderBy(entry => entry.At).ThenBy(entry => entry.Order)
            .Select(entry => entry.Problem).ToList();
        if (all.Count <= ConfigurationLimits.ProblemsMax)
            return [.. all];
        ConfigurationError last = all[ConfigurationLimits.ProblemsMax - 1];
        string message = $"not shown: {Counted.Of(all.Count - ConfigurationLimits.ProblemsMax, "more problem")}; correct those above first";
        return [.. all.Take(ConfigurationLimits.ProblemsMax), last with { Code = ConfigurationCodes.MoreProblems, Message = message }];
    }

    private void Add(Position at, string code, ConfigurationSeverity severity, string message)
    {
        _problems.Add((at, _problems.Count, new ConfigurationError(file, at.Line, at.Column, code, severity, message)));
        if (severity == ConfigurationSeverity.Error)
            Errors++;
    }
}
