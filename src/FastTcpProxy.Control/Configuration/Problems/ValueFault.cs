namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>Why a text is not a value. A value itself.</summary>
/// <param name="Code">One of <see cref="ConfigurationCodes"/>.</param>
/// <param name="Why">What is wrong with this text in particular, or null when what is expected says enough.</param>
internal readonly record struct ValueFault(string Code, string? Why)
{
    public static ValueFault Malformed(string? why = null) => new(ConfigurationCodes.Malformed, why);

    public static ValueFault OutOfRange(string? why = null) => new(ConfigurationCodes.OutOfRange, why);
}
