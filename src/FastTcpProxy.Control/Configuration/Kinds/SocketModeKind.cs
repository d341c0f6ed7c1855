using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// The mode of a file, as chmod(1) writes it: octal, as text, since a number of JSON would be read as decimal. Immutable, any
/// thread.
/// </summary>
/// <param name="what">Which file it is.</param>
internal sealed class SocketModeKind(string what = "a socket") : TextKind<UnixFileMode>
{
    private const int DigitsMin = 3, DigitsMax = 4;

    /// <summary>Permissions alone: set-user-ID and the like have no meaning here.</summary>
    private const int ModeMax = 0x1FF;

    public override string Expected => "a mode in octal as text, \"000\" to \"0777\", such as \"0660\"";

    public override UnixFileMode Fallback => UnixFileMode.None;

    protected override string Pattern => "^0?[0-7]{3}$";

    public override bool TryParse(string text, out UnixFileMode value, out ValueFault fault)
    {
        int mode = 0;
        bool isOctal = text.Length is >= DigitsMin and <= DigitsMax && text.All(digit => digit is >= '0' and <= '7');
        if (isOctal) mode = Convert.ToInt32(text, 8);
        bool isMode = isOctal && mode <= ModeMax;
        fault = isOctal && !isMode ? ValueFault.OutOfRange($"bits beyond the permissions mean nothing on {what}") : ValueFault.Malformed();
        value = (UnixFileMode)mode;
        return isMode;
    }

    protected override string Format(UnixFileMode value) => Convert.ToString((int)value, 8).PadLeft(DigitsMax, '0');
}
