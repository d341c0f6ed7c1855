using System.CommandLine;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>Why an operator sets an override, and for how long: the options <c>--reason</c> and <c>--for</c>. Used by the main
/// thread.</summary>
internal sealed class OverrideOptions
{
    private readonly Option<string?> _reason = new("--reason")
    {
        Description = $"The reason, for people who read it later; at most {OverrideLimits.ReasonCharsMax} characters.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _time = new("--for")
    {
        Description = "How long the override holds, such as 30m or 2h; by default until an operator clears it.",
        HelpName = "DURATION",
    };

    private readonly ForceOption _force;

    /// <param name="command">Gets the options.</param>
    /// <param name="givesReasons">False: it clears what was set, so that <c>--force</c> is the only one.</param>
    public OverrideOptions(Command command, bool givesReasons = true)
    {
        OptionValues.RequireDuration(_time, OverrideLimits.ForMin, OverrideLimits.ForMax);
        _reason.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: > OverrideLimits.ReasonCharsMax and var length }])
                result.AddError($"--reason: {Counted.Of(length, "character")}, expected at most {OverrideLimits.ReasonCharsMax}");
        });
        if (givesReasons)
        {
            command.Options.Add(_reason);
            command.Options.Add(_time);
        }
        _force = new ForceOption(command);
    }

    /// <summary>What was given, without what is to be set.</summary>
    public OverrideRequestDocument Read(ParseResult result) =>
        new(string.IsNullOrWhiteSpace(result.GetValue(_reason)) ? null : result.GetValue(_reason), result.GetValue(_time));

    /// <summary>Whether to overwrite what another operator has just set.</summary>
    public bool Force(ParseResult result) => _force.Value(result);
}
