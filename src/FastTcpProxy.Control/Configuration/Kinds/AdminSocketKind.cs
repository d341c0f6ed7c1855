using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The path of the administrative socket. Immutable, any thread.</summary>
internal sealed class AdminSocketKind : TextKind<AdminSocketSetting?>
{
    private static readonly PathKind Path = new(ConfigurationLimits.AdminSocketPathBytesMax);

    public override string Expected => Path.Expected;

    public override AdminSocketSetting? Fallback => null;

    protected override string Pattern => $"^{Patterns.Path(ConfigurationLimits.AdminSocketPathBytesMax)}$";

    public override bool TryParse(string text, out AdminSocketSetting? value, out ValueFault fault)
    {
        bool sound = Path.TryParse(text, out string? path, out fault);
        value = sound ? new AdminSocketSetting(path!) : null;
        return sound;
    }

    protected override string Format(AdminSocketSetting? value) => value?.Path ?? "";
}
