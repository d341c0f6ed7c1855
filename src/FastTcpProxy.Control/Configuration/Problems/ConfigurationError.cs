namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>One problem of a configuration file, error or warning, with its place. Immutable, any thread.</summary>
/// <param name="File">The file as the caller named it.</param>
/// <param name="Line">From 1. A problem of the file as a whole is at line 1, column 1.</param>
/// <param name="Column">From 1, counted in characters (Unicode scalar values) of the line.</param>
/// <param name="Code">One of <see cref="ConfigurationCodes"/>; stable over versions.</param>
/// <param name="Severity">Whether the file can be used.</param>
/// <param name="Message">What is wrong and what was expected; one line without control characters.</param>
public sealed record ConfigurationError(string File, int Line, int Column, string Code, ConfigurationSeverity Severity, string Message)
{
    /// <summary>The line that <c>check</c> prints: <c>file:line:column: error CODE: message</c>.</summary>
    public override string ToString() =>
        $"{File}:{Line}:{Column}: {(Severity == ConfigurationSeverity.Error ? "error" : "warning")} {Code}: {Message}";
}

/// <summary>Whether a problem of the configuration forbids its use.</summary>
public enum ConfigurationSeverity
{
    /// <summary>The configuration is not used.</summary>
    Error,

    /// <summary>The configuration is valid and will surprise.</summary>
    Warning,
}
