namespace FastTcpProxy.Control.Operators;

/// <summary>Why an override ended without an operator.</summary>
public enum OverrideEnd : byte
{
    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>The configuration has changed what it was about.</summary>
    ConfigurationChanged,

    /// <summary>The configuration has no such service or upstream any more.</summary>
    Gone,
}
