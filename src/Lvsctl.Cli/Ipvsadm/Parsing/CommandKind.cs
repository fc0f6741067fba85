namespace Lvsctl.Cli.Ipvsadm.Parsing;

enum CommandKind
{
    AddService,
    EditService,
    DeleteService,
    Clear,
    List,
    AddServer,
    DeleteServer,
    EditServer,
    SetTimeouts,
    StartDaemon,
    StopDaemon,
    Restore,
    Save,
    Zero,
}

static class CommandKinds
{
    /// <summary>As error messages call it, which is not always as the command line does.</summary>
    public static string Name(this CommandKind command) => command switch
    {
        CommandKind.AddService => "add-service",
        CommandKind.EditService => "edit-service",
        CommandKind.DeleteService => "delete-service",
        CommandKind.Clear => "flush",
        CommandKind.List => "list",
        CommandKind.AddServer => "add-server",
        CommandKind.DeleteServer => "delete-server",
        CommandKind.EditServer => "edit-server",
        CommandKind.SetTimeouts => "set",
        CommandKind.StartDaemon => "start-daemon",
        CommandKind.StopDaemon => "stop-daemon",
        CommandKind.Restore => "restore",
        CommandKind.Save => "save",
        CommandKind.Zero => "zero",
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };
}
