// Starts `kiln lsp` for `.model` files and hands it to VS Code. What the server can do, the protocol
// says; nothing of it is repeated here.

const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

async function activate(context) {
  const command = vscode.workspace.getConfiguration('kiln').get('path');
  client = new LanguageClient(
    'kiln',
    'Kiln',
    { command, args: ['lsp'] },
    { documentSelector: [{ language: 'kiln' }] },
  );
  context.subscriptions.push(client);
  try {
    await client.start();
  } catch (error) {
    // Colours need no server, so the extension stays.
    vscode.window.showWarningMessage(
      `Kiln: \`${command} lsp\` could not be started (${error.message}). Install Kiln, or say where it is in the setting kiln.path.`,
    );
  }
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
